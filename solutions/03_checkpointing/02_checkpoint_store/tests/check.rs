use checkpoint_store_solution as answer;

#[path = "../../../../tests/03_checkpointing/02_checkpoint_store/check.rs"]
mod check;
