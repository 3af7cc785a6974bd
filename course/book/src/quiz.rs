//! A question with choices, of which one is right: readable, and to be answered, without a script.
//!
//! ````text
//! ```quiz
//! Which of the two loses an event?
//!
//! - [ ] The second.
//!   It repeats one.
//! - [x] The first.
//!   Its position has moved before the event was processed.
//! ```
//! ````
//!
//! Where a run decides, the answer is read from the run's snapshot: the page names it and the line, each choice is
//! marked `[=]`, and right is the one that says what the line says.
//!
//! ````text
//! ```quiz ../tests/apply.verdict.snap some crash loses
//! - [=] evt_1
//!   …
//! ```
//! ````

use crate::problem::Wrong;
use crate::snapshot;
use pulldown_cmark::{Parser, html};
use std::fmt::Write;
use std::path::Path;

struct Choice {
    line: usize,
    mark: char,
    text: String,
    why: String,
}

/// The quiz in `body`, as HTML without an empty line. `info` is what stands behind the word `quiz`, `id` what no other
/// quiz in the book is called.
pub(crate) fn block(
    root: &Path,
    file: &str,
    info: &str,
    body: &[&str],
    id: &str,
) -> Result<String, Wrong> {
    let (question, mut choices) = parse(body)?;
    mark_by_run(root, file, info, &mut choices)?;
    let right = choices.iter().filter(|choice| choice.mark == 'x').count();
    if choices.len() < 2 || right != 1 {
        return Err((
            0,
            format!(
                "this quiz has {} choices and {right} right answers: it needs at least two, and one.",
                choices.len()
            ),
        ));
    }
    if let Some(choice) = choices.iter().find(|choice| choice.why.is_empty()) {
        return Err((
            choice.line,
            format!(
                "the choice `{}` has no explanation on indented lines below it.",
                choice.text
            ),
        ));
    }
    let mut text = format!(
        "<form class=\"quiz\"><fieldset><legend>{}</legend>\n",
        inline(&question)
    );
    for (number, choice) in (1..).zip(&choices) {
        let (class, word) = match choice.mark {
            'x' => ("right", "Right."),
            _ => ("wrong", "No."),
        };
        let _ = writeln!(
            text,
            "<div class=\"choice\"><input type=\"radio\" name=\"{id}\" id=\"{id}-{number}\" autocomplete=\"off\">\
             <label for=\"{id}-{number}\">{}</label>\
             <div class=\"why {class}\"><strong>{word}</strong> {}</div></div>",
            inline(&choice.text),
            inline(&choice.why)
        );
    }
    text.push_str("</fieldset></form>");
    Ok(text)
}

fn parse(body: &[&str]) -> Result<(String, Vec<Choice>), Wrong> {
    let mut question = String::new();
    let mut choices: Vec<Choice> = Vec::new();
    for (line, text) in (1..).zip(body) {
        let mark = text
            .strip_prefix("- [")
            .and_then(|rest| rest.split_once("] "))
            .and_then(|(mark, text)| Some((mark.chars().next()?, text)));
        match (mark, choices.last_mut()) {
            (Some((mark @ (' ' | 'x' | '='), text)), _) => choices.push(Choice {
                line,
                mark,
                text: text.trim().to_owned(),
                why: String::new(),
            }),
            (Some((mark, _)), _) => {
                return Err((
                    line,
                    format!(
                        "a choice is marked `[ ]`, `[x]` or `[=]`, and this one is `[{mark}]`."
                    ),
                ));
            }
            (None, None) => append(&mut question, text),
            (None, Some(choice)) if text.starts_with("  ") => append(&mut choice.why, text),
            (None, Some(_)) if text.trim().is_empty() => {}
            (None, Some(_)) => {
                return Err((
                    line,
                    format!("`{text}` is neither a choice nor an indented explanation."),
                ));
            }
        }
    }
    match question.is_empty() {
        true => Err((0, "this quiz asks nothing.".to_owned())),
        false => Ok((question, choices)),
    }
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(line.trim());
    text.truncate(text.trim_end().len());
}

/// Marks the choice that says what a run said.
fn mark_by_run(root: &Path, file: &str, info: &str, choices: &mut [Choice]) -> Result<(), Wrong> {
    let Some((path, label)) = info.trim().split_once(' ') else {
        return match (
            info.trim(),
            choices.iter().find(|choice| choice.mark == '='),
        ) {
            ("", None) => Ok(()),
            ("", Some(choice)) => Err((
                choice.line,
                "a choice is marked `[=]`, but the quiz names no snapshot and no line of it."
                    .to_owned(),
            )),
            (path, _) => Err((
                0,
                format!("`quiz {path}` names a snapshot, but no line of it."),
            )),
        };
    };
    let label = label.trim();
    let name = format!("`quiz {path}`");
    let document = snapshot::read(root, file, path, &name).map_err(|reason| (0, reason))?;
    let said = document
        .lines()
        .find_map(|line| line.strip_prefix(label)?.strip_prefix(' '))
        .map(str::trim)
        .ok_or_else(|| (0, format!("{name}: no line of it begins with `{label}`.")))?;
    let plain = |choice: &Choice| {
        choice
            .text
            .replace('`', "")
            .trim_end_matches('.')
            .to_owned()
    };
    if let Some(choice) = choices.iter().find(|choice| choice.mark != '=') {
        return Err((
            choice.line,
            "a run decides here: each choice has to be marked `[=]`.".to_owned(),
        ));
    }
    let mut known = false;
    for choice in choices {
        let is_right = plain(choice) == said;
        known |= is_right;
        choice.mark = if is_right { 'x' } else { ' ' };
    }
    match known {
        true => Ok(()),
        false => Err((
            0,
            format!("no choice says `{said}`, which is what the run says of `{label}`."),
        )),
    }
}

/// Markdown within a line, as HTML without a paragraph around it.
fn inline(markdown: &str) -> String {
    let mut text = String::new();
    html::push_html(&mut text, Parser::new(markdown));
    let text = text.trim().replace('\n', " ");
    text.strip_prefix("<p>")
        .and_then(|text| text.strip_suffix("</p>"))
        .unwrap_or(&text)
        .to_owned()
}
