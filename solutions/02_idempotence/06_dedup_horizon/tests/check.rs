use dedup_horizon_solution as answer;

#[path = "../../../../tests/02_idempotence/06_dedup_horizon/check.rs"]
mod check;
