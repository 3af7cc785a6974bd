//! Links to a part of the course, which is a `README.md`.
//!
//! mdBook turns that page into `index.html`, and leaves the links to it as they were: dead. With this they
//! lead somewhere in the book, and in an editor or on a code host too.

use crate::markdown::{is_code_span, lines};
use crate::path::{folder, resolve};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// What comes before a link's target, its folder, and what ends it.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\]\(|^\s*\[[^\]]+\]:\s*)([^()\s:#]*/)?README\.md([#)\s]|$)")
        .expect("the pattern is valid")
});

/// `text` of `page` with its links to a `README.md` of the book leading to `index.md`.
pub(crate) fn relink(page: &str, text: &str) -> String {
    let mut relinked = String::with_capacity(text.len());
    for line in lines(text) {
        let link = |found: &Captures<'_>| {
            let at = found.get(0).map_or(0, |whole| whole.start());
            let target = found.get(2).map_or("", |target| target.as_str());
            let is_page = resolve(folder(page), target).is_some() && !is_code_span(line.text, at);
            if is_page {
                format!("{}{target}index.md{}", &found[1], &found[3])
            } else {
                found[0].to_owned()
            }
        };
        if line.is_code {
            relinked.push_str(line.text);
        } else {
            relinked.push_str(&LINK.replace_all(line.text, link));
        }
        relinked.push('\n');
    }
    relinked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_readme_of_the_book_leads_to_its_page() {
        let link = |text| relink("part/page.md", text);
        assert_eq!(
            link("[a](README.md), [b](../README.md#c)"),
            "[a](index.md), [b](../index.md#c)\n"
        );
        assert_eq!(link("[a]: ../other/README.md"), "[a]: ../other/index.md\n");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "`[a](README.md)`",
            "```\n[a](README.md)\n```",
            "[a](../../README.md)",
            "[a](https://example.org/README.md)",
            "[a](README.mdx) and README.md",
        ] {
            assert_eq!(relink("part/page.md", text), format!("{text}\n"));
        }
    }
}
