use atomic_apply_solution as answer;

#[path = "../../../../tests/02_idempotence/04_atomic_apply/check.rs"]
mod check;
