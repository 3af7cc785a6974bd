use claim_once as answer;

#[path = "../../../../tests/02_idempotence/02_claim_once/check.rs"]
mod check;
