//! Builds the book.

use crate::preprocessor::Course;
use crate::warnings::heard;
use anyhow::{Result, bail};
use mdbook_driver::MDBook;
use std::path::{Path, PathBuf};

/// Builds the book of the repository at `root` into the folder that its `book.toml` names.
///
/// # Errors
/// See [`build_into`].
pub fn build(root: &Path) -> Result<PathBuf> {
    render(MDBook::load(root)?)
}

/// Builds it into the folder `into` instead.
///
/// # Errors
/// A page, a part of a file or an exercise that the book names is not there, or mdBook itself fails or
/// warns. Then the last book that was built still stands, unless it is mdBook that failed.
pub fn build_into(root: &Path, into: &Path) -> Result<PathBuf> {
    let mut book = MDBook::load(root)?;
    into.clone_into(&mut book.config.build.build_dir);
    render(book)
}

fn render(mut book: MDBook) -> Result<PathBuf> {
    book.with_preprocessor(Course);
    let (result, warnings) = heard(|| book.build());
    result?;
    if !warnings.is_empty() {
        bail!("mdBook warns: {}", warnings.join("\nmdBook warns: "));
    }
    Ok(book.build_dir_for("html"))
}
