//! The book's source as mdBook is to render it, or what is wrong with it.

use crate::expand::expand;
use crate::include;
use crate::path::slashed;
use crate::problem::{Problem, Problems};
use crate::readme::relink;
use anyhow::Context;
use mdbook_core::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};
use std::io::{Read, Write};
use std::path::Path;

/// Checks every page, and puts exercises and hints in their places.
pub struct Course;

impl Preprocessor for Course {
    fn name(&self) -> &'static str {
        // As in book.toml: the driver then runs this one in place of the command there.
        "course"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> anyhow::Result<Book> {
        let mut problems = Vec::new();
        read(ctx, &mut book.items, &mut problems);
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(Problems(problems).into())
        }
    }

    fn supports_renderer(&self, renderer: &str) -> anyhow::Result<bool> {
        Ok(renderer == "html")
    }
}

/// Reads `items` in the order of the book: a chapter, then the chapters in it.
fn read(ctx: &PreprocessorContext, items: &mut [BookItem], problems: &mut Vec<Problem>) {
    for item in items {
        let BookItem::Chapter(chapter) = item else {
            continue;
        };
        if let Some(page) = &chapter.source_path {
            match read_page(ctx, page, &chapter.content) {
                Ok(text) => chapter.content = text,
                Err(on_page) => problems.extend(on_page),
            }
        }
        read(ctx, &mut chapter.sub_items, problems);
    }
}

fn read_page(ctx: &PreprocessorContext, page: &Path, text: &str) -> Result<String, Vec<Problem>> {
    let file = slashed(&ctx.config.book.src.join(page));
    let mut problems = include::check(&ctx.root, &file, text);
    match expand(&ctx.root, &file, page, text) {
        Ok(text) if problems.is_empty() => return Ok(relink(&slashed(page), &text)),
        Ok(_) => {}
        Err(found) => problems.extend(found),
    }
    problems.sort_by_key(|problem| problem.line);
    Err(problems)
}

/// Answers mdBook in its own format: the book comes in, and goes out changed.
///
/// # Errors
/// What comes in is not a book of mdBook 0.5, or something is wrong with the book.
pub fn answer(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    let (ctx, book) = parse_input(input)
        .context("this is not a book as mdBook 0.5 sends it to a preprocessor")?;
    let book = Course.run(&ctx, book)?;
    serde_json::to_writer(output, &book).context("mdBook has stopped listening")
}
