//! Finds the repository from anywhere inside it.

use anyhow::{Context, Result};
use std::path::Path;

/// The nearest folder with a `book.toml`, from `start` upwards.
///
/// # Errors
/// There is none.
pub fn find(start: &Path) -> Result<&Path> {
    start
        .ancestors()
        .find(|folder| folder.join("book.toml").is_file())
        .with_context(|| {
            format!(
                "there is no book.toml in {} or above it: run this inside the course.",
                start.display()
            )
        })
}
