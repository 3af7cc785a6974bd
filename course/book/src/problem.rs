//! What an author has to put right, and where.

use std::fmt;

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, from the root of the repository, with `/` on every system.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Why the book cannot be built from it, in one sentence.
    pub reason: String,
}

impl Problem {
    pub(crate) fn new(file: impl Into<String>, line: usize, reason: impl Into<String>) -> Self {
        Problem {
            file: file.into(),
            line,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// What is wrong with a fenced block: how many lines below its opening fence, and why.
pub(crate) type Wrong = (usize, String);

/// Everything that one build has found wrong, in the order of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
