use low_watermark_solution as answer;

#[path = "../../../../tests/03_checkpointing/05_low_watermark/check.rs"]
mod check;
