use break_it_solution as answer;

#[path = "../../../../tests/01_guarantees/02_break_it/check.rs"]
mod check;
