use replace_not_increment_solution as answer;

#[path = "../../../../tests/02_idempotence/05_replace_not_increment/check.rs"]
mod check;
