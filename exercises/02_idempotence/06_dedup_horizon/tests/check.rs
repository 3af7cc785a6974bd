use dedup_horizon as answer;

#[path = "../../../../tests/02_idempotence/06_dedup_horizon/check.rs"]
mod check;
