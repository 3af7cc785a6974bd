//! `cargo course book`: hands over to the book's builder, which takes minutes to compile and so is no part of this command.

use crate::cargo::cargo;
use crate::exercises::Course;
use anyhow::{Context, Result};
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub struct Arguments {
    /// serve (the default), build or check
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the book's builder.
///
/// # Errors
/// Cargo cannot be started.
pub fn run(course: &Course, arguments: &Arguments) -> Result<ExitCode> {
    if !course.root.join("target/debug/course-book").exists() {
        eprintln!("The first time, the book's builder is compiled: about two minutes.");
    }
    let mut command = cargo(&course.root);
    command.args(["run", "--quiet", "--package", "course-book", "--"]);
    match arguments.arguments.as_slice() {
        [] => command.arg("serve"),
        given => command.args(given),
    };
    hand_over(command)
}

/// Becomes the command: what ends this process, or asks how it ended, then means the server itself.
#[cfg(unix)]
fn hand_over(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cargo cannot be started")
}

#[cfg(not(unix))]
fn hand_over(mut command: Command) -> Result<ExitCode> {
    let status = command.status().context("cargo cannot be started")?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
