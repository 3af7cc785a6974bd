//! `cargo course selfcheck`: do the checks refuse what is wrong, and accept what is right?
//!
//! Every stub, wrong answer and right answer is dropped into a copy of its exercise, as a learner or a grader would
//! do it, and checked.

pub mod answer;
pub mod build;
mod files;
mod judge;
pub mod workspace;

use crate::cargo::strictly;
use crate::exercises::{Course, Exercise, entries, read};
use answer::{Answer, Role};
use anyhow::{Context, Result};
use build::{Built, Outcome};
use judge::{Finding, judge};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;
use workspace::Scratch;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only these exercises; by default all
    slugs: Vec<String>,
    /// Also prints what each check says
    #[arg(long)]
    tell: bool,
}

/// After so many seconds without a call the lab takes a wrong answer for one that never ends.
const GUARD_SECONDS: &str = "15";

/// Runs the self-check. It fails if anything is not as its author says.
///
/// # Errors
/// Cargo cannot be started, or a file cannot be read or written.
pub fn run(course: &Course, arguments: &Arguments) -> Result<ExitCode> {
    let exercises: Vec<&Exercise> = match arguments.slugs.as_slice() {
        [] => course.exercises.iter().collect(),
        slugs => slugs
            .iter()
            .map(|slug| course.exercise(Some(slug)))
            .collect::<Result<_>>()?,
    };
    let mut failures = Vec::new();
    let mut answers = Vec::new();
    for exercise in &exercises {
        failures.extend(files::problems(course, exercise)?);
        answers.extend(Answer::all_of(exercise)?);
    }
    let scratch = Scratch::write(course, "selfcheck", &answers)?;
    println!("Building {} answers …", answers.len());
    let built = build::build(&scratch, &answers)?;
    let findings = check_all(course, &scratch, &answers, &built, arguments.tell)?;
    for (answer, finding) in answers.iter().zip(&findings) {
        if let Finding::Failed(reason) = finding {
            failures.push(format!("{}: {reason}", answer.label()));
        }
    }
    for exercise in &exercises {
        failures.extend(left_behind(&exercise.snapshots())?);
    }
    if !failures.is_empty() {
        println!("\n{} failures", failures.len());
        for failure in &failures {
            println!("\n{failure}");
        }
        return Ok(ExitCode::FAILURE);
    }
    let count = |is: fn(&Role) -> bool| answers.iter().filter(|answer| is(&answer.role)).count();
    println!(
        "{} exercises, {} fault runs, {} wrong answers rejected, {} right answers accepted",
        exercises.len(),
        exercises
            .iter()
            .map(|exercise| fault_runs(exercise))
            .sum::<Result<u32>>()?,
        count(|role| matches!(role, Role::Wrong(_))),
        count(|role| matches!(role, Role::Right)),
    );
    Ok(ExitCode::SUCCESS)
}

/// Runs the checks, as many at once as there are cores, and says what came of each as soon as it is known.
fn check_all(
    course: &Course,
    scratch: &Scratch,
    answers: &[Answer],
    built: &BTreeMap<String, Built>,
    tell: bool,
) -> Result<Vec<Finding>> {
    let queue = Mutex::new(answers.iter().enumerate());
    let findings = Mutex::new(BTreeMap::new());
    let next = || queue.lock().expect("workers do not panic").next();
    let work = || -> Result<()> {
        while let Some((index, answer)) = next() {
            let (finding, report) = match built.get(&answer.package) {
                Some(Built {
                    outcome: Outcome::Executable(executable),
                    warnings,
                }) => {
                    let (green, report) = check(course, scratch, answer, executable)?;
                    (judge(answer, warnings, green, &report), report)
                }
                Some(Built {
                    outcome: Outcome::Errors(errors),
                    ..
                }) => (
                    Finding::Failed(format!("it does not compile\n{errors}")),
                    String::new(),
                ),
                None => (
                    Finding::Failed("Cargo did not build it".to_owned()),
                    String::new(),
                ),
            };
            let mut findings = findings.lock().expect("workers do not panic");
            println!(
                "{:<7} {}: {}",
                finding.word(),
                answer.label(),
                finding.summary()
            );
            if tell {
                println!("\n{}\n", judge::body(&report));
            }
            findings.insert(index, finding);
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("workers do not panic"))
    })?;
    Ok(findings
        .into_inner()
        .expect("workers do not panic")
        .into_values()
        .collect())
}

/// Runs one check: whether it is green, and all that it says.
fn check(
    course: &Course,
    scratch: &Scratch,
    answer: &Answer,
    executable: &Path,
) -> Result<(bool, String)> {
    let mut command = Command::new(executable);
    strictly(&mut command)
        .current_dir(scratch.folder(answer))
        .env("INSTA_WORKSPACE_ROOT", &course.root)
        .env("RUST_BACKTRACE", "0");
    if let Role::Wrong(_) = answer.role {
        command.env("LAB_GUARD_SECONDS", GUARD_SECONDS);
    }
    let output = command
        .output()
        .with_context(|| format!("{} cannot be started", executable.display()))?;
    let mut report = String::from_utf8_lossy(&output.stdout).into_owned();
    report.push_str(&String::from_utf8_lossy(&output.stderr));
    // A learner's package has the exercise's own name.
    let report = report.replace(&answer.package, &answer.exercise.slug);
    Ok((output.status.success(), report))
}

/// How many runs with a fault the solution's evidence counts.
fn fault_runs(exercise: &Exercise) -> Result<u32> {
    let mut runs = 0;
    for file in entries(&exercise.snapshots())? {
        for line in read(&file)?.lines() {
            if let Some(count) = line
                .strip_prefix("all faults")
                .and_then(|rest| rest.trim().strip_suffix(" runs"))
            {
                runs += count
                    .trim()
                    .parse::<u32>()
                    .with_context(|| format!("`{line}` holds no number"))?;
            }
        }
    }
    Ok(runs)
}

/// Snapshots that a red check has written.
fn left_behind(snapshots: &Path) -> Result<Vec<String>> {
    let is_new = |path: &Path| path.to_string_lossy().ends_with(".snap.new");
    let new = entries(snapshots)?.into_iter().filter(|path| is_new(path));
    Ok(new
        .map(|path| format!("{} was left behind: delete it.", path.display()))
        .collect())
}
