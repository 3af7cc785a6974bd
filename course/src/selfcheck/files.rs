//! Is everything there that an exercise needs?

use crate::exercises::{Course, Exercise, read};
use crate::hint;
use anyhow::{Context, Result};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// Fewer mistakes than that leave the check itself unchecked.
const WRONG_ANSWERS: usize = 6;

/// Fewer other ways than that, and the check may demand one way to do it.
const RIGHT_ANSWERS: usize = 3;

/// What an exercise lacks, a sentence for each.
///
/// # Errors
/// A file cannot be read, or rustfmt cannot be started.
pub fn problems(course: &Course, exercise: &Exercise) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut say = |problem: String| problems.push(format!("{}: {problem}", exercise.slug));
    let (wrong, right) = (exercise.wrong()?, exercise.right()?);
    if wrong.len() < WRONG_ANSWERS {
        say(format!(
            "{} wrong answers; it needs {WRONG_ANSWERS} or more.",
            wrong.len()
        ));
    }
    if right.len() < RIGHT_ANSWERS {
        say(format!(
            "{} right answers; it needs {RIGHT_ANSWERS} or more.",
            right.len()
        ));
    }
    if let Err(error) = hint::hints(exercise) {
        say(format!("{error:#}."));
    }
    if !read(&exercise.folder().join("src/lib.rs"))?.contains("todo!(") {
        say("there is no todo!( in src/lib.rs.".to_owned());
    }
    if !exercise.page().is_file() {
        say(format!("its page book/{}.md is missing.", exercise.path));
    }
    for file in wrong.iter().chain(&right) {
        if !is_formatted(course, file)? {
            say(format!(
                "{} is not formatted: run rustfmt --edition 2024 < it.",
                file.display()
            ));
        }
    }
    Ok(problems)
}

/// An answer is formatted as a text of its own: its modules are beside the exercise's `lib.rs`.
fn is_formatted(course: &Course, file: &Path) -> Result<bool> {
    let text = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let status = Command::new("rustfmt")
        .args(["--check", "--edition", "2024"])
        .current_dir(&course.root)
        .stdin(text)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("rustfmt cannot be started: rustup component add rustfmt")?;
    Ok(status.success())
}
