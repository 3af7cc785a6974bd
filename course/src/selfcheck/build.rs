//! Builds all answers at once, and reads what Cargo says about each.

use super::answer::Answer;
use super::workspace::Scratch;
use crate::cargo::cargo;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What came of building an answer.
pub struct Built {
    /// The compiler's warnings about it.
    pub warnings: Vec<String>,
    /// Its check, or why there is none.
    pub outcome: Outcome,
}

/// A check that can be run, or what the compiler has against it.
pub enum Outcome {
    Executable(PathBuf),
    Errors(String),
}

/// One line of `cargo test --message-format=json`, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    executable: Option<PathBuf>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// Builds the checks of all answers; gives what came of each, by the name of its package.
///
/// # Errors
/// Cargo fails for another reason than an answer that does not compile.
pub fn build(scratch: &Scratch, answers: &[Answer]) -> Result<BTreeMap<String, Built>> {
    let output = cargo(&scratch.root)
        // One answer that does not compile must not keep the others from being built.
        .args([
            "test",
            "--no-run",
            "--no-fail-fast",
            "--workspace",
            "--test",
            "check",
        ])
        .args(["--quiet", "--message-format=json", "--target-dir"])
        .arg(&scratch.target)
        .output()
        .context("cargo cannot be started")?;
    let built = read(&String::from_utf8_lossy(&output.stdout), scratch, answers);
    let is_explained = built
        .values()
        .any(|built| matches!(built.outcome, Outcome::Errors(_)));
    if !output.status.success() && !is_explained {
        bail!(
            "the answers cannot be built:\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(built)
}

fn read(messages: &str, scratch: &Scratch, answers: &[Answer]) -> BTreeMap<String, Built> {
    let mut built = BTreeMap::new();
    for message in messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
    {
        let manifest = message.manifest_path.unwrap_or_default();
        let Some(answer) = answers
            .iter()
            .find(|answer| scratch.holds(answer, &manifest))
        else {
            continue;
        };
        let entry = built
            .entry(answer.package.clone())
            .or_insert_with(|| Built {
                warnings: Vec::new(),
                outcome: Outcome::Errors(String::new()),
            });
        match (message.reason.as_str(), message.message, message.executable) {
            (
                "compiler-message",
                Some(Diagnostic {
                    level,
                    rendered: Some(text),
                }),
                _,
            ) => match (level.as_str(), &mut entry.outcome) {
                ("warning", _) => entry.warnings.push(text),
                ("error", Outcome::Errors(errors)) => errors.push_str(&text),
                _ => {}
            },
            ("compiler-artifact", _, Some(executable)) => {
                entry.outcome = Outcome::Executable(executable)
            }
            _ => {}
        }
    }
    built
}
