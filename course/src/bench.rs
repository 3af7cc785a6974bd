//! `cargo course bench`: how long things take on this machine. It asserts nothing.

use crate::cargo::{cargo, strictly};
use crate::exercises::{Course, Exercise, read};
use crate::selfcheck::answer::Answer;
use crate::selfcheck::build::{Built, Outcome, build};
use crate::selfcheck::workspace::Scratch;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Arguments {
    /// Also runs each solution's check on LocalStack, and compares
    #[arg(long)]
    localstack: bool,
}

/// How often what takes seconds is measured; the one in the middle counts.
const TIMES: usize = 3;

/// Measures, and prints medians.
///
/// # Errors
/// Cargo cannot be started, or something that should be green is red.
pub fn run(course: &Course, arguments: &Arguments) -> Result<ExitCode> {
    one_run(course)?;
    let answers = course
        .exercises
        .iter()
        .map(Answer::solution_of)
        .collect::<Result<Vec<_>>>()?;
    let scratch = Scratch::write(course, "bench", &answers)?;
    let built = build(&scratch, &answers)?;
    for answer in &answers {
        let exercise = &answer.exercise;
        println!("{}", exercise.slug);
        let embedded = median(TIMES, || check(exercise, None))?;
        line("check of the solution", embedded);
        line(
            "from an edit to the verdict",
            median(TIMES, || edit_to_verdict(&scratch, answer))?,
        );
        if let Some(Built {
            outcome: Outcome::Executable(executable),
            ..
        }) = built.get(&answer.package)
            && let Some(kilobytes) = peak_kilobytes(&scratch.folder(answer), executable)
        {
            println!(
                "  {:<32}{:>9} MB",
                "memory of a check at its peak",
                kilobytes / 1024
            );
        }
        if arguments.localstack {
            let localstack = check(exercise, Some("localstack"))?;
            line("check of the solution, LocalStack", localstack);
            println!(
                "  {:<32}{:>9.1}",
                "times as long",
                localstack.as_secs_f64() / embedded.as_secs_f64()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints how long one run takes: measured in a program that is compiled as checks are, which this one is not.
fn one_run(course: &Course) -> Result<()> {
    let mut command = cargo(&course.root);
    command.args(["run", "--quiet", "--profile", "test"]);
    command.args(["--package", "lab-proof", "--example", "one_run"]);
    let status = command.status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("the run that is measured fails");
    }
    Ok(())
}

/// A solution's check, as `cargo course check --solution` runs it.
fn check(exercise: &Exercise, backend: Option<&str>) -> Result<Duration> {
    let mut command = cargo(&exercise.solution());
    strictly(&mut command).args(["test", "--quiet", "--test", "check"]);
    if let Some(backend) = backend {
        command.env("LAB_BACKEND", backend);
    }
    timed(|| green(&mut command))
}

/// What a learner waits for: a line has been added, and `cargo test` says what it thinks. The line is the first one, so
/// that all the others move, and are compiled again.
fn edit_to_verdict(scratch: &Scratch, answer: &Answer) -> Result<Duration> {
    let folder = scratch.folder(answer);
    let file = folder.join("src/lib.rs");
    let text = read(&file)?;
    std::fs::write(&file, format!("\n{text}"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let mut command = cargo(&folder);
    strictly(&mut command)
        .args(["test", "--quiet", "--target-dir"])
        .arg(&scratch.target);
    timed(|| green(&mut command))
}

/// The most memory that a process ever had, where GNU time is installed.
fn peak_kilobytes(folder: &Path, executable: &Path) -> Option<u64> {
    let mut command = Command::new("/usr/bin/time");
    let output = strictly(&mut command)
        .args(["-f", "%M"])
        .arg(executable)
        .current_dir(folder)
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .last()?
        .trim()
        .parse()
        .ok()
}

fn green(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!(
            "this should be green:\n{}",
            String::from_utf8_lossy(&output.stdout).trim()
        );
    }
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median(times: usize, mut measure: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    // The first time, something may have to be compiled or read from the disk.
    measure()?;
    let mut durations = (0..times).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    durations.sort();
    Ok(durations[times / 2])
}

fn line(label: &str, duration: Duration) {
    println!("  {label:<32}{:>9.2} s", duration.as_secs_f64());
}
