//! The lines of a Markdown text, and which of them are code.

/// One line of a text.
pub(crate) struct Line<'a> {
    /// From 1.
    pub number: usize,
    pub text: &'a str,
    /// It belongs to a fenced code block, whose fences count too.
    pub is_code: bool,
    /// It opens a fenced block, with this after the marks: `rust,ignore`.
    pub opens: Option<&'a str>,
    /// It closes one.
    pub closes: bool,
}

/// The lines of `text`.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut open: Option<&str> = None;
    text.lines().enumerate().map(move |(index, text)| {
        let fence = fence(text);
        let is_code = open.is_some() || fence.is_some();
        let mut opens = None;
        let mut closes = false;
        match (open, fence) {
            (None, Some((marks, info))) => {
                open = Some(marks);
                opens = Some(info);
            }
            // A longer fence of the same mark closes it too, but never one that names a language.
            (Some(opened), Some((marks, ""))) if marks.starts_with(opened) => {
                open = None;
                closes = true;
            }
            _ => {}
        }
        Line {
            number: index + 1,
            text,
            is_code,
            opens,
            closes,
        }
    })
}

/// Whether what stands at byte `at` of `line` is code within the line.
pub(crate) fn is_code_span(line: &str, at: usize) -> bool {
    line[..at].matches('`').count() % 2 == 1
}

/// The marks of a fence and what follows them, if `line` is one.
fn fence(line: &str) -> Option<(&str, &str)> {
    // A fence may stand in a list or in a quotation.
    let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
    let mark = line
        .chars()
        .next()
        .filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let marks = &line[..line.len() - rest.len()];
    // "```like this```" is code within a line.
    (marks.len() >= 3 && !(mark == '`' && rest.contains('`'))).then_some((marks, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<usize> {
        lines(text)
            .filter(|line| line.is_code)
            .map(|line| line.number)
            .collect()
    }

    #[test]
    fn a_fence_ends_at_one_as_long_of_the_same_mark() {
        assert_eq!(code("a\n```rust\nb\n```\nc"), [2, 3, 4]);
        assert_eq!(code("````\n```\n````\nc"), [1, 2, 3]);
        assert_eq!(code("~~~\n```\n~~~\nc"), [1, 2, 3]);
        assert_eq!(code("```\n```rust\n```\nc"), [1, 2, 3]);
    }

    #[test]
    fn a_fence_may_be_indented_or_quoted_but_not_in_the_middle_of_a_line() {
        assert_eq!(code("> ```\n> a\n> ```\nb"), [1, 2, 3]);
        assert_eq!(code("- x\n  ```\n  a\n  ```\nb"), [2, 3, 4]);
        assert_eq!(code("```a```\nb"), [] as [usize; 0]);
    }
}
