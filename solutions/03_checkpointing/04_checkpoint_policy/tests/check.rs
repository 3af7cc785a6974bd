use checkpoint_policy_solution as answer;

#[path = "../../../../tests/03_checkpointing/04_checkpoint_policy/check.rs"]
mod check;
