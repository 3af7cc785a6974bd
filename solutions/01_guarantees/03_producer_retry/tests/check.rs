use producer_retry_solution as answer;

#[path = "../../../../tests/01_guarantees/03_producer_retry/check.rs"]
mod check;
