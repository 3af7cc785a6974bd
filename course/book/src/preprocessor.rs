//! The book's source as mdBook is to render it, or what is wrong with it.

use crate::expand::expand;
use crate::include;
use crate::path::slashed;
use crate::problem::Problems;
use anyhow::Context;
use mdbook_core::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};
use std::io::{Read, Write};

/// Checks every page, and puts exercises and hints in their places.
pub struct Course;

impl Preprocessor for Course {
    fn name(&self) -> &str {
        // As in book.toml: the driver then runs this one in place of the command there.
        "course"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> anyhow::Result<Book> {
        let source = slashed(&ctx.config.book.src);
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            let BookItem::Chapter(chapter) = item else { return };
            let Some(page) = &chapter.source_path else { return };
            let file = format!("{source}/{}", slashed(page));
            let mut on_page = include::check(&ctx.root, &file, &chapter.content);
            match expand(&ctx.root, &file, page, &chapter.content) {
                Ok(text) => chapter.content = text,
                Err(found) => on_page.extend(found),
            }
            on_page.sort_by_key(|problem| problem.line);
            problems.extend(on_page);
        });
        if problems.is_empty() { Ok(book) } else { Err(Problems(problems).into()) }
    }

    fn supports_renderer(&self, renderer: &str) -> anyhow::Result<bool> {
        Ok(renderer == "html")
    }
}

/// Answers mdBook in its own format: the book comes in, and goes out changed.
///
/// # Errors
/// What comes in is not a book of mdBook 0.5, or something is wrong with the book.
pub fn answer(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    let (ctx, book) = parse_input(input).context("this is not a book as mdBook 0.5 sends it to a preprocessor")?;
    let book = Course.run(&ctx, book)?;
    serde_json::to_writer(output, &book).context("mdBook has stopped listening")
}
