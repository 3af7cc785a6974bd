use barriers_solution as answer;

#[path = "../../../../tests/03_checkpointing/07_barriers/check.rs"]
mod check;
