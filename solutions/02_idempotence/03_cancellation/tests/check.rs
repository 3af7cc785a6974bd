use cancellation_solution as answer;

#[path = "../../../../tests/02_idempotence/03_cancellation/check.rs"]
mod check;
