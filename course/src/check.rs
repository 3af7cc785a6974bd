//! `cargo course check`: an exercise's check, or one run of it.

use crate::cargo::{cargo, hand_over, strictly};
use crate::exercises::Course;
use anyhow::{Result, anyhow, bail};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The exercise, such as atomic-apply; by default the one of the current folder
    slug: Option<String>,
    /// Repeats the one run with this fault, and shows each call. crash-after:9 is the ninth call that a crash can
    /// follow; crash-after:9+throttled:2 is two faults, one after the other
    #[arg(long)]
    fault: Option<String>,
    /// Repeats it with the other data that a report names
    #[arg(long)]
    data: Option<String>,
    /// Repeats that of one check only, where the exercise has several; a report names it
    #[arg(long, value_name = "CHECK")]
    only: Option<String>,
    /// Checks the reference instead of your answer
    #[arg(long)]
    solution: bool,
}

/// Runs the check. Its exit code is that of `cargo test`.
///
/// # Errors
/// There is no such exercise or fault, or Cargo cannot be started.
pub fn run(course: &Course, arguments: &Arguments) -> Result<ExitCode> {
    let exercise = course.exercise(arguments.slug.as_deref())?;
    let folder = if arguments.solution {
        exercise.solution()
    } else {
        exercise.folder()
    };
    let mut command = cargo(&folder);
    strictly(&mut command).arg("test");
    if let Some(plan) = &arguments.fault {
        // Before anything is compiled.
        for strike in plan.split('+') {
            strike
                .parse::<lab::Strike>()
                .map_err(|error| anyhow!(error))?;
        }
        command.env("LAB_FAULT", plan);
    }
    if let Some(data) = &arguments.data {
        data.parse::<lab::Data>().map_err(|error| anyhow!(error))?;
        command.env("LAB_DATA", data);
    }
    let is_one_run = arguments.fault.is_some() || arguments.data.is_some();
    if let Some(check) = &arguments.only {
        let known = lab::checks_in(&exercise.snapshots());
        if !known.contains(check) {
            bail!(
                "{} has no check `{check}`; it has {}.",
                exercise.slug,
                known.join(", ")
            );
        }
        if !is_one_run {
            bail!("--only {check} repeats one run: name it with --fault or --data.");
        }
        command.env("LAB_ONLY", check);
    }
    if is_one_run {
        command.args(["--quiet", "--test", "check"]);
    }
    hand_over(command)
}
