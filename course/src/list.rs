//! `cargo course list`: the exercises, in their order.

use crate::exercises::Course;
use anyhow::Result;
use std::process::ExitCode;

/// Prints a line for each exercise.
///
/// # Errors
/// None today.
pub fn run(course: &Course) -> Result<ExitCode> {
    let widest = course
        .exercises
        .iter()
        .map(|exercise| exercise.slug.len())
        .max()
        .unwrap_or(0);
    for exercise in &course.exercises {
        println!(
            "{} {:<widest$}  {:>3} minutes  {}  {}\n  {:<widest$}  exercises/{}",
            if exercise.is_finished() { "✓" } else { " " },
            exercise.slug,
            exercise.minutes,
            if exercise.core {
                "core    "
            } else {
                "optional"
            },
            exercise.title,
            "",
            exercise.path,
        );
    }
    let minutes: u32 = course
        .exercises
        .iter()
        .map(|exercise| exercise.minutes)
        .sum();
    let core = course.exercises.iter().filter(|exercise| exercise.core);
    let core_minutes: u32 = core.map(|exercise| exercise.minutes).sum();
    let finished = course
        .exercises
        .iter()
        .filter(|exercise| exercise.is_finished());
    println!(
        "\n{} exercises, {minutes} minutes; the core alone takes {core_minutes}; you have finished {}",
        course.exercises.len(),
        finished.count()
    );
    Ok(ExitCode::SUCCESS)
}
