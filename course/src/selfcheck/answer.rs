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
        let new = |role, file: PathBuf, text| Self::new(exercise, role, file, text);
        let stub = exercise.folder().join("src/lib.rs");
        let text = read(&stub)?;
        let mut answers = vec![new(Role::Stub, stub, text)];
        for file in exercise.wrong()? {
            let text = read(&file)?;
            let Some(expectation) = Expectation::of(&text) else {
                bail!(
                    "{} does not begin with what its check must say, such as `//! expect: LOST after crash-before`.",
                    file.display()
                );
            };
            answers.push(new(Role::Wrong(expectation), file, text));
        }
        for file in exercise.right()? {
            let text = read(&file)?;
            answers.push(new(Role::Right, file, text));
        }
        Ok(answers)
    }

    /// The solution of an exercise. What the exercise gives stands beside its copy, as it does beside the stub.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn solution_of(exercise: &Exercise) -> Result<Self> {
        let file = exercise.solution().join("src/lib.rs");
        let text = read(&file)?;
        let own = text.lines().filter(|line| !line.starts_with("#[path = "));
        let text = own.collect::<Vec<_>>().join("\n");
        Ok(Self::new(exercise, Role::Right, file, text))
    }

    fn new(exercise: &Exercise, role: Role, file: PathBuf, text: String) -> Self {
        let mut package = format!("{}-{}", exercise.slug, role.name());
        if !matches!(role, Role::Stub) {
            package = format!("{package}-{}", stem(&file).replace('_', "-"));
        }
        Answer {
            exercise: exercise.clone(),
            role,
            text,
            file,
            package,
        }
    }

    /// `atomic-apply, wrong/floats.rs`
    pub fn label(&self) -> String {
        let (slug, role) = (&self.exercise.slug, self.role.name());
        match self.role {
            Role::Stub => format!("{slug}, the {role}"),
            _ => format!("{slug}, {role}/{}", name(&self.file)),
        }
    }
}

impl Role {
    /// The folder where such answers are, and a part of their names.
    fn name(&self) -> &'static str {
        match self {
            Role::Stub => "stub",
            Role::Wrong(_) => "wrong",
            Role::Right => "right",
        }
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
