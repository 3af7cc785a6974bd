//! Documents held against insta's snapshots, with a difference that is written for learners.

use crate::exercise::Exercise;
use similar::{ChangeTag, TextDiff};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The snapshot of the verdict of a check.
pub(crate) fn verdict_name(check: &str) -> String {
    format!("{check}.verdict")
}

/// The checks whose verdicts are in this folder of snapshots, in the order of their names: `apply`. None where the folder
/// cannot be read.
pub fn checks_in(snapshots: &Path) -> Vec<String> {
    let files = std::fs::read_dir(snapshots).into_iter().flatten().flatten();
    let suffix = verdict_name("") + ".snap";
    let mut checks: Vec<_> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(&suffix)?.to_owned()))
        .collect();
    checks.sort();
    checks
}

/// Compares a document with its snapshot; the error is the difference.
pub(crate) fn compare(exercise: &Exercise, name: &str, document: &str) -> Result<(), String> {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let same = catch_unwind(AssertUnwindSafe(|| assert(exercise, name, document)));
    std::panic::set_hook(usual);
    // insta can be told to accept anything, and to miss nothing; the file itself cannot.
    match (difference(exercise, name, document), same) {
        (Some(difference), _) => Err(difference),
        (None, Ok(())) => Ok(()),
        (None, Err(_)) => Err(format!("The snapshot {name} cannot be compared.")),
    }
}

/// Asserts that a document is as its snapshot says.
pub(crate) fn assert(exercise: &Exercise, name: &str, document: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(exercise.snapshots());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, document));
}

/// What is expected and what is there, line by line; `None` where they are the same.
pub(crate) fn difference(exercise: &Exercise, name: &str, document: &str) -> Option<String> {
    let path = exercise.snapshots().join(format!("{name}.snap"));
    let Ok(file) = std::fs::read_to_string(&path) else {
        return Some(format!("The snapshot {} is missing.", path.display()));
    };
    let file = file.replace("\r\n", "\n");
    // A header between two lines of dashes, then the document.
    let Some(expected) = file.splitn(3, "---\n").nth(2) else {
        return Some(format!("{} is no snapshot.", path.display()));
    };
    if expected.trim() == document.trim() {
        return None;
    }
    let mut text = "The verdict: expected (-), yours (+)\n".to_owned();
    for change in TextDiff::from_lines(expected.trim(), document.trim()).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => "- ",
            ChangeTag::Insert => "+ ",
            ChangeTag::Equal => "  ",
        };
        text.push_str(sign);
        text.push_str(change.value().trim_end());
        text.push('\n');
    }
    Some(text)
}
