//! `cargo course hint`: an exercise's hints, each a step closer to the answer.

use crate::exercises::{Course, Exercise, read};
use anyhow::{Result, bail};
use std::process::ExitCode;

/// What an author reads when the sections are not as they should be.
const SHAPE: &str = "it needs exactly three sections that are not empty: `## 1`, `## 2` and `## 3`";

#[derive(clap::Args)]
pub struct Arguments {
    /// The exercise, such as atomic-apply; by default the one of the current folder
    slug: Option<String>,
    /// Which hint: 1, 2 or 3
    #[arg(value_parser = clap::value_parser!(u8).range(1..=3))]
    number: Option<u8>,
}

/// Prints one hint.
///
/// # Errors
/// There is no such exercise, or its hints are not whole.
pub fn run(course: &Course, arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { slug, number } = arguments;
    // `cargo course hint 2` in an exercise's folder: no exercise has a number for a name.
    let (slug, number) = match (slug.as_deref(), number) {
        (Some(text), None) if text.parse::<u8>().is_ok() => (None, text.parse().unwrap_or(0)),
        (slug, number) => (slug, number.unwrap_or(1)),
    };
    let exercise = course.exercise(slug)?;
    let Some(index @ 0..3) = usize::from(number).checked_sub(1) else {
        bail!("There are three hints: 1, 2 and 3.");
    };
    println!(
        "{}, hint {number} of 3\n\n{}\n",
        exercise.slug,
        hints(exercise)?[index]
    );
    if number < 3 {
        println!(
            "The next one: cargo course hint {} {}",
            exercise.slug,
            number + 1
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The three hints of an exercise, as Markdown.
///
/// # Errors
/// They are not exactly three, or one is empty.
pub fn hints(exercise: &Exercise) -> Result<[String; 3]> {
    let file = exercise.hints();
    match sections(&read(&file)?) {
        Some(hints) => Ok(hints),
        None => bail!("exercises/{}/hints.md is not whole: {SHAPE}", exercise.path),
    }
}

fn sections(text: &str) -> Option<[String; 3]> {
    let mut hints: Vec<String> = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        match line.strip_prefix("## ") {
            Some(number) if !is_code => {
                if number.trim() != (hints.len() + 1).to_string() {
                    return None;
                }
                hints.push(String::new());
            }
            _ => {
                // A title may stand before the first hint.
                if let Some(hint) = hints.last_mut() {
                    hint.push_str(line);
                    hint.push('\n');
                }
            }
        }
    }
    let hints: Vec<String> = hints.iter().map(|hint| hint.trim().to_owned()).collect();
    let whole = hints.iter().all(|hint| !hint.is_empty());
    hints.try_into().ok().filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_sections_are_three_hints() {
        let text =
            "# Hints\n\n## 1\n\nWhat if?\n\n## 2\nThen\n```sh\n## no heading\n```\n## 3\nDo it.\n";
        let hints = sections(text).expect("it is whole");
        assert_eq!(
            hints,
            ["What if?", "Then\n```sh\n## no heading\n```", "Do it."]
        );
    }

    #[test]
    fn two_sections_or_an_empty_one_are_refused() {
        assert_eq!(sections("## 1\na\n## 2\nb\n"), None);
        assert_eq!(sections("## 1\na\n## 2\n## 3\nc\n"), None);
        assert_eq!(sections("## 1\na\n## 3\nb\n## 2\nc\n"), None);
    }
}
