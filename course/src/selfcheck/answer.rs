//! An answer to an exercise, and what its check should say to it.

use crate::exercises::{Exercise, name, read};
use anyhow::{Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};

/// Something that can stand in an exercise's `src/lib.rs`.
pub struct Answer {
    /// The exercise that it answers.
    pub exercise: Exercise,
    /// What it is.
    pub role: Role,
    /// Its text.
    pub text: String,
    /// Where that stands.
    pub file: PathBuf,
    /// The name of its package in the scratch workspace: `atomic-apply-wrong-floats`.
    pub package: String,
}

/// What an answer is, and so what its check has to say.
pub enum Role {
    /// What the learner finds: red, and kindly so.
    Stub,
    /// A mistake: red, and by this name.
    Wrong(Expectation),
    /// Another way to do it: green.
    Right,
}

/// What the first lines of a wrong answer declare: `//! expect: DUPLICATE after lost-response`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The first word of the check's report.
    pub anomaly: String,
    /// The fault of the command that repeats the run, or `no-fault`. `None`: any.
    pub fault: Option<String>,
}

impl Answer {
    /// The stub, the wrong answers and the right answers of an exercise.
    ///
    /// # Errors
    /// A file cannot be read, or a wrong answer does not say what to expect.
    pub fn all_of(exercise: &Exercise) -> Result<Vec<Self>> {
        let stub = exercise.folder().join("src/lib.rs");
        let mut answers = vec![Self::new(exercise, Role::Stub, "stub", stub)?];
        for file in exercise.wrong()? {
            let Some(expectation) = Expectation::of(&read(&file)?) else {
                bail!(
                    "{} does not begin with what its check must say, such as `//! expect: LOST after crash-before`.",
                    file.display()
                );
            };
            answers.push(Self::new(
                exercise,
                Role::Wrong(expectation),
                "wrong",
                file,
            )?);
        }
        for file in exercise.right()? {
            answers.push(Self::new(exercise, Role::Right, "right", file)?);
        }
        Ok(answers)
    }

    /// The solution of an exercise. What the exercise gives stands beside its copy, as it does beside the stub.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn solution_of(exercise: &Exercise) -> Result<Self> {
        let file = exercise.solution().join("src/lib.rs");
        let solution = Self::new(exercise, Role::Right, "solution", file)?;
        let lines = solution.text.lines();
        let own = lines.filter(|line| !line.starts_with("#[path = "));
        Ok(Answer {
            text: own.collect::<Vec<_>>().join("\n"),
            ..solution
        })
    }

    fn new(exercise: &Exercise, role: Role, kind: &str, file: PathBuf) -> Result<Self> {
        let name = match kind {
            "wrong" | "right" => format!("{kind}-{}", stem(&file).replace('_', "-")),
            _ => kind.to_owned(),
        };
        Ok(Answer {
            exercise: exercise.clone(),
            role,
            text: read(&file)?,
            file,
            package: format!("{}-{name}", exercise.slug),
        })
    }

    /// `atomic-apply, wrong/floats.rs`
    pub fn label(&self) -> String {
        let kind = match self.role {
            Role::Stub => return format!("{}, the stub", self.exercise.slug),
            Role::Wrong(_) => "wrong",
            Role::Right => "right",
        };
        format!("{}, {kind}/{}", self.exercise.slug, name(&self.file))
    }
}

impl Expectation {
    fn of(text: &str) -> Option<Self> {
        let declared = text.lines().next()?.strip_prefix("//! expect: ")?.trim();
        let (anomaly, fault) = match declared.split_once(" after ") {
            Some((anomaly, fault)) => (anomaly, Some(fault.trim().to_owned())),
            None => (declared, None),
        };
        Some(Expectation {
            anomaly: anomaly.trim().to_owned(),
            fault,
        })
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Some(fault) => write!(f, "{} after {fault}", self.anomaly),
            None => write!(f, "{}", self.anomaly),
        }
    }
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_declares_what_its_check_must_say() {
        let of = |text| Expectation::of(text).map(|expectation| expectation.to_string());
        let text = "//! expect: DUPLICATE after lost-response\n//!\n//! Somebody retries.\n";
        assert_eq!(of(text).as_deref(), Some("DUPLICATE after lost-response"));
        assert_eq!(
            of("//! expect: OVER BUDGET\n").as_deref(),
            Some("OVER BUDGET")
        );
        assert_eq!(of("//! Somebody retries.\n"), None);
    }
}
