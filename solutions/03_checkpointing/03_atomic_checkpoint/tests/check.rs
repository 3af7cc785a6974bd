use atomic_checkpoint_solution as answer;

#[path = "../../../../tests/03_checkpointing/03_atomic_checkpoint/check.rs"]
mod check;
