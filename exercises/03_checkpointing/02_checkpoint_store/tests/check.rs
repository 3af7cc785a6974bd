use checkpoint_store as answer;

#[path = "../../../../tests/03_checkpointing/02_checkpoint_store/check.rs"]
mod check;
