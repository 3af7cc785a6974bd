use shard_reader as answer;

#[path = "../../../../tests/03_checkpointing/01_shard_reader/check.rs"]
mod check;
