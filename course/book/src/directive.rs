//! The words that a page may hold: `{{exercise}}`, `{{hints}}` and `{{snapshot path}}`.

use crate::markdown::is_code_span;
use regex::Regex;
use std::sync::LazyLock;

/// What a line of a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive<'a> {
    /// The box that tells what to edit and what to run.
    Exercise,
    /// The three folded hints.
    Hints,
    /// The document of the snapshot at this path from the page.
    Snapshot(&'a str),
}

static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\{\{\s*([a-z_]+)(?:\s+([^}]*?))?\s*\}\}\s*$").expect("the pattern is valid")
});
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{\s*(exercise|hints|snapshot)\b[^}]*\}\}").expect("the pattern is valid")
});

impl<'a> Directive<'a> {
    /// The directive on `line`, which is not code; or why what stands there is none.
    pub(crate) fn on(line: &'a str) -> Result<Option<Self>, String> {
        if let Some(found) = ALONE.captures(line) {
            let argument = found.get(2).map_or("", |argument| argument.as_str());
            return match (&found[1], argument) {
                ("exercise", "") => Ok(Some(Directive::Exercise)),
                ("hints", "") => Ok(Some(Directive::Hints)),
                ("snapshot", "") => {
                    Err("`{{snapshot}}` names no file: write `{{snapshot path}}`.".to_owned())
                }
                ("snapshot", path) => Ok(Some(Directive::Snapshot(path))),
                (word @ ("exercise" | "hints"), _) => Err(format!(
                    "`{}` has a word too many: write `{{{{{word}}}}}`.",
                    line.trim()
                )),
                _ => Err(format!(
                    "there is no directive `{}`, only `{{{{exercise}}}}`, `{{{{hints}}}}` and `{{{{snapshot path}}}}`.",
                    line.trim()
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
            "there is no directive `{{hint}}`, only `{{exercise}}`, `{{hints}}` and `{{snapshot path}}`."
        );
    }

    #[test]
    fn only_a_snapshot_has_a_path() {
        assert_eq!(
            Directive::on("{{ snapshot ../a.snap }}"),
            Ok(Some(Directive::Snapshot("../a.snap")))
        );
        let reason = |line| Directive::on(line).expect_err("it is wrong");
        assert_eq!(
            reason("{{snapshot}}"),
            "`{{snapshot}}` names no file: write `{{snapshot path}}`."
        );
        assert_eq!(
            reason("{{hints 1}}"),
            "`{{hints 1}}` has a word too many: write `{{hints}}`."
        );
        assert_eq!(
            reason("See {{snapshot a.snap}}"),
            "`{{snapshot a.snap}}` must stand on a line of its own."
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
