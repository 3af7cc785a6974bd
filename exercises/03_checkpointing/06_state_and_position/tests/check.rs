use state_and_position as answer;

#[path = "../../../../tests/03_checkpointing/06_state_and_position/check.rs"]
mod check;
