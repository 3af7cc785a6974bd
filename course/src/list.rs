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
            "{:<widest$}  {:>3} minutes  {}  {}\n{:<widest$}  exercises/{}",
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
    println!(
        "\n{} exercises, {minutes} minutes; the core alone takes {core_minutes}",
        course.exercises.len()
    );
    Ok(ExitCode::SUCCESS)
}
