//! mdBook's `{{#include}}`, taken at its word.
//!
//! For a missing file or anchor mdBook logs an error and builds the book without the code. So the
//! source text is read here, before mdBook replaces anything in it.

mod part;

use crate::path::{folder, resolve};
use crate::problem::Problem;
use part::Part;
use regex::Regex;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

/// What mdBook takes for a directive; the first alternative is text, behind a backslash.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\\\{\{#.*\}\}|\{\{\s*#([a-zA-Z0-9_]+)\s+([^}]+)\}\}")
        .expect("the pattern is valid")
});

/// As deep as mdBook follows files that include files.
const DEPTH: usize = 10;

/// What is wrong with the directives in `text`, which is the whole of `file`.
pub(crate) fn check(root: &Path, file: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_part(root, file, text, 0..text.len(), 0, &mut problems);
    problems
}

fn check_part(
    root: &Path,
    file: &str,
    text: &str,
    part: Range<usize>,
    depth: usize,
    problems: &mut Vec<Problem>,
) {
    for found in DIRECTIVE.captures_iter(&text[part.clone()]) {
        let (Some(whole), Some(word), Some(argument)) = (found.get(0), found.get(1), found.get(2))
        else {
            continue;
        };
        let start = part.start + whole.start();
        let line = 1 + text[..start].matches('\n').count();
        let directive = Include {
            root,
            file,
            text: whole.as_str(),
            word: word.as_str(),
        };
        let result = match word.as_str() {
            "title" => continue,
            "include" | "rustdoc_include" | "playground" if depth >= DEPTH => Err(format!(
                "`{}` is {DEPTH} files deep: do these files include each other?",
                whole.as_str()
            )),
            "include" | "rustdoc_include" | "playground" => directive.read(argument.as_str()),
            word => Err(format!(
                "mdBook has no directive `{{{{#{word}}}}}`; a backslash before it makes it text."
            )),
        };
        match result {
            Ok(included) => {
                check_part(
                    root,
                    &included.file,
                    &included.text,
                    included.part,
                    depth + 1,
                    problems,
                );
            }
            Err(reason) => problems.push(Problem::new(file, line, reason)),
        }
    }
}

/// A directive that names a file, where it stands.
struct Include<'a> {
    root: &'a Path,
    file: &'a str,
    text: &'a str,
    word: &'a str,
}

/// What such a directive puts in its place.
struct Included {
    file: String,
    text: String,
    /// In bytes of `text`.
    part: Range<usize>,
}

impl Include<'_> {
    fn read(&self, argument: &str) -> Result<Included, String> {
        let target = argument.split_whitespace().next().unwrap_or_default();
        let (path, part) = match self.word {
            // Only the other two take a part of a file.
            "playground" => (target, None),
            _ => target
                .split_once(':')
                .map_or((target, None), |(path, part)| (path, Some(part))),
        };
        let file = resolve(folder(self.file), path)
            .ok_or_else(|| format!("`{}` leads out of the repository.", self.text))?;
        let text =
            std::fs::read_to_string(self.root.join(&file)).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    format!("`{}`: there is no file `{file}`.", self.text)
                }
                _ => format!("`{}`: `{file}` cannot be read ({error}).", self.text),
            })?;
        let (asked, part) = Part::parse(part.unwrap_or_default())
            .and_then(|asked| asked.find(&text).map(|part| (asked, part)))
            .map_err(|reason| format!("`{}`: {reason} in `{file}`.", self.text))?;
        // The rest of the file comes too, hidden.
        let part = if self.word == "rustdoc_include" {
            0..text.len()
        } else {
            part
        };
        // mdBook leaves marks out of what an anchor encloses, and nowhere else.
        if !matches!(asked, Part::Anchor(_))
            && let Some((line, mark)) = part::first_mark(&text, &part)
        {
            return Err(format!(
                "`{}` would show the mark `{mark}`, line {line} of `{file}`: \
                 enclose what the page needs in an anchor and include that.",
                self.text
            ));
        }
        Ok(Included { file, text, part })
    }
}
