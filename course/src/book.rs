//! `cargo course book`: hands over to the book's builder, which takes minutes to compile and so is no part of this command.

use crate::cargo::{cargo, hand_over};
use crate::exercises::Course;
use anyhow::{Context, Result};
use std::process::ExitCode;

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
    let mut command = cargo(&course.root);
    let builder = format!("course-book{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe().context("this program is gone")?;
    if !here.with_file_name(builder).exists() {
        eprintln!(
            "The first time, the book's builder is compiled: about two minutes, in which any other cargo command here \
             has to wait."
        );
        // Cargo shows how far it is.
        command.args(["run", "--package", "course-book", "--"]);
    } else {
        command.args(["run", "--quiet", "--package", "course-book", "--"]);
    }
    match arguments.arguments.as_slice() {
        [] => command.arg("serve"),
        given => command.args(given),
    };
    hand_over(command)
}
