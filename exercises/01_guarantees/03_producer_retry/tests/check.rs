use producer_retry as answer;

#[path = "../../../../tests/01_guarantees/03_producer_retry/check.rs"]
mod check;
