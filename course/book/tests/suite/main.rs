//! What an author can rely on.

mod commands;
mod crashes;
mod exercise_pages;
mod fixture;
mod hints;
mod includes;
mod links;
mod quizzes;
mod serving;
mod snapshots;
mod this_book;
mod told_commands;
