use payment_event as answer;

#[path = "../../../../tests/02_idempotence/01_payment_event/check.rs"]
mod check;
