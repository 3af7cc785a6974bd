//! `cargo course snapshots`: writes all snapshots anew from the solutions, for an author to read.

use crate::cargo::{cargo, strictly};
use crate::exercises::Course;
use anyhow::{Context, Result};
use std::process::{Command, ExitCode};

/// Rewrites the snapshots, then names those that changed.
///
/// # Errors
/// Cargo or Git cannot be started.
pub fn run(course: &Course) -> Result<ExitCode> {
    let mut command = cargo(&course.root);
    strictly(&mut command).env("INSTA_UPDATE", "always").args([
        "test",
        "--quiet",
        "--no-fail-fast",
        // Not the lab: its tests hold what a snapshot must never be made to say.
        "--package=course",
        "--package=*-solution",
    ]);
    let status = command.status().context("cargo cannot be started")?;
    let changed = Command::new("git")
        .current_dir(&course.root)
        .args(["status", "--short", "--untracked-files=all", "--", "*.snap"])
        .output()
        .context("git cannot be started: it says which snapshots changed")?;
    let changed = String::from_utf8_lossy(&changed.stdout);
    match changed.trim_end() {
        "" => println!("No snapshot has changed."),
        changed => println!(
            "These snapshots have changed. Read each of them before you commit:\n{changed}"
        ),
    }
    if !status.success() {
        println!("Some test is still red, see above: no snapshot is its reason.");
    }
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
