//! The part of a file that a page takes: `5`, `5:10`, `5:`, `:10` or `anchor`.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"ANCHOR(_END)?:\s*([\w-]+)").expect("the pattern is valid"));

/// Some lines of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    All,
    /// From the first to the last line, both included, from 1; without a last line, to the end.
    Lines(usize, Option<usize>),
    /// Between `ANCHOR: name` and `ANCHOR_END: name`.
    Anchor(&'a str),
}

impl<'a> Part<'a> {
    /// What stands after the file's name and a colon.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let (first, last) = match text.split_once(':') {
            None => (text, None),
            Some((first, last)) => (first, Some(last)),
        };
        let number = |text: &str| {
            text.parse::<usize>()
                .map_err(|_| format!("`{text}` is not a line number"))
        };
        match (first, last) {
            ("", None | Some("")) => Ok(Part::All),
            ("", Some(last)) => Ok(Part::Lines(1, Some(number(last)?))),
            (first, last) => match (first.parse(), last) {
                (Ok(first), None) => Ok(Part::Lines(first, Some(first))),
                (Ok(first), Some("")) => Ok(Part::Lines(first, None)),
                (Ok(first), Some(last)) => Ok(Part::Lines(first, Some(number(last)?))),
                (Err(_), None) => Ok(Part::Anchor(first)),
                (Err(_), Some(_)) => Err(format!(
                    "`{text}` is neither an anchor nor a range of lines"
                )),
            },
        }
    }

    /// Where it is in `text`, in bytes; or what is missing.
    pub(super) fn find(&self, text: &str) -> Result<Range<usize>, String> {
        match *self {
            Part::All => Ok(0..text.len()),
            Part::Lines(first, last) => {
                let count = text.lines().count();
                let last = last.unwrap_or(count);
                if first == 0 {
                    return Err("lines are counted from 1, so there is no line 0".to_owned());
                }
                if first > count || last > count {
                    return Err(format!(
                        "there are only {count} lines, so no line {}",
                        first.max(last)
                    ));
                }
                if last < first {
                    return Err(format!("no line is from {first} to {last}"));
                }
                let starts = line_starts(text);
                Ok(starts[first - 1]..starts.get(last).copied().unwrap_or(text.len()))
            }
            Part::Anchor(name) => {
                let starts = line_starts(text);
                let mark = |end: bool, from: usize| {
                    (from..)
                        .zip(text.lines().skip(from))
                        .find_map(|(index, line)| {
                            let mark = MARK.captures(line)?;
                            (mark.get(1).is_some() == end && &mark[2] == name).then_some(index)
                        })
                };
                let start =
                    mark(false, 0).ok_or_else(|| format!("there is no `ANCHOR: {name}`"))?;
                let end = mark(true, start + 1).ok_or_else(|| {
                    format!("there is no `ANCHOR_END: {name}` after `ANCHOR: {name}`")
                })?;
                Ok(starts[start + 1]..starts[end])
            }
        }
    }
}

/// The first anchor's mark within `part` of `text`, and its line in `text`, from 1.
pub(super) fn first_mark<'a>(text: &'a str, part: &Range<usize>) -> Option<(usize, &'a str)> {
    let mark = MARK.find(&text[part.clone()])?;
    let line = 1 + text[..part.start + mark.start()].matches('\n').count();
    Some((line, mark.as_str()))
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(index, _)| index + 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "one\n// ANCHOR: a\ntwo\n// ANCHOR_END: a\nfive\n";

    fn found(part: &str) -> Result<&str, String> {
        Part::parse(part)
            .and_then(|part| part.find(FILE))
            .map(|range| &FILE[range])
    }

    #[test]
    fn a_part_is_a_line_a_range_or_what_an_anchor_encloses() {
        assert_eq!(found("1"), Ok("one\n"));
        assert_eq!(found("4:5"), Ok("// ANCHOR_END: a\nfive\n"));
        assert_eq!(found("5:"), Ok("five\n"));
        assert_eq!(found(":1"), Ok("one\n"));
        assert_eq!(found("a"), Ok("two\n"));
        assert_eq!(found(""), Ok(FILE));
        assert_eq!(found(":"), Ok(FILE));
    }

    #[test]
    fn a_part_that_is_not_there_is_named() {
        let reason = |part| found(part).expect_err("it is not there");
        assert_eq!(reason("6"), "there are only 5 lines, so no line 6");
        assert_eq!(reason("2:9"), "there are only 5 lines, so no line 9");
        assert_eq!(reason("4:3"), "no line is from 4 to 3");
        assert_eq!(
            reason("0"),
            "lines are counted from 1, so there is no line 0"
        );
        assert_eq!(reason("2:x"), "`x` is not a line number");
        assert_eq!(reason("b"), "there is no `ANCHOR: b`");
        assert_eq!(
            reason("a:2"),
            "`a:2` is neither an anchor nor a range of lines"
        );
    }

    #[test]
    fn an_anchor_must_end() {
        let reason = Part::Anchor("a")
            .find("// ANCHOR: a\nx\n")
            .expect_err("it does not end");
        assert_eq!(reason, "there is no `ANCHOR_END: a` after `ANCHOR: a`");
    }
}
