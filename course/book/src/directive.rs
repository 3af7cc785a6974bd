//! The two words that a page may hold: `{{exercise}}` and `{{hints}}`.

use crate::markdown::is_code_span;
use regex::Regex;
use std::sync::LazyLock;

/// What a line of a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    /// The box that tells what to edit and what to run.
    Exercise,
    /// The three folded hints.
    Hints,
}

static ALONE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\{\{\s*([a-z_]+)\s*\}\}\s*$").expect("the pattern is valid"));
static WITHIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{\s*(exercise|hints)\s*\}\}").expect("the pattern is valid"));

impl Directive {
    /// The directive on `line`, which is not code; or why what stands there is none.
    pub(crate) fn on(line: &str) -> Result<Option<Self>, String> {
        if let Some(word) = ALONE.captures(line) {
            return match &word[1] {
                "exercise" => Ok(Some(Directive::Exercise)),
                "hints" => Ok(Some(Directive::Hints)),
                word => Err(format!(
                    "there is no directive `{{{{{word}}}}}`, only `{{{{exercise}}}}` and `{{{{hints}}}}`."
                )),
            };
        }
        // A page may write about them: after a backslash, or as code.
        let is_text = |at: usize| line[..at].ends_with('\\') || is_code_span(line, at);
        match WITHIN.find_iter(line).find(|found| !is_text(found.start())) {
            Some(found) => Err(format!(
                "`{}` must stand on a line of its own.",
                found.as_str()
            )),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_stands_on_a_line_of_its_own() {
        assert_eq!(Directive::on("{{exercise}}"), Ok(Some(Directive::Exercise)));
        assert_eq!(Directive::on("  {{ hints }} "), Ok(Some(Directive::Hints)));
        assert_eq!(
            Directive::on("Do this: {{exercise}}"),
            Err("`{{exercise}}` must stand on a line of its own.".to_owned())
        );
    }

    #[test]
    fn a_misspelt_directive_is_named() {
        let reason = Directive::on("{{hint}}").expect_err("it is misspelt");
        assert_eq!(
            reason,
            "there is no directive `{{hint}}`, only `{{exercise}}` and `{{hints}}`."
        );
    }

    #[test]
    fn a_page_may_write_about_directives() {
        assert_eq!(
            Directive::on(r"Write \{{exercise}} or `{{hints}}`."),
            Ok(None)
        );
        assert_eq!(Directive::on("`a` and ${{ secrets.TOKEN }}"), Ok(None));
    }
}
