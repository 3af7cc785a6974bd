use commit_order_solution as answer;

#[path = "../../../../tests/01_guarantees/01_commit_order/check.rs"]
mod check;
