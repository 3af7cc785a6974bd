//! Which exercises a learner has solved: a file for each, in a folder that Git does not see. `cargo clean` leaves it.
//!
//! `.progress/02_idempotence/04_atomic_apply/finished` is there from when all checks of the exercise have passed to when
//! one of them no longer does. What cannot be written is not worth a word: a check judges, and this only remembers.

use crate::exercise::Exercise;
use std::fs;
use std::path::{Path, PathBuf};

/// The mark of an exercise all of whose checks have passed.
const FINISHED: &str = "finished";

/// A check of `function` begins: it has not passed yet.
pub(crate) fn begins(exercise: &Exercise, function: &str) {
    if exercise.is_reference() {
        return;
    }
    let folder = folder(exercise);
    for mark in [FINISHED, function] {
        let _ = fs::remove_file(folder.join(mark));
    }
}

/// The check of `function` has passed.
pub(crate) fn passed(exercise: &Exercise, function: &str) {
    if exercise.is_reference() {
        return;
    }
    let folder = folder(exercise);
    let _ = fs::create_dir_all(&folder);
    let _ = fs::write(folder.join(function), "");
    if functions(exercise).all(|function| folder.join(function).is_file()) {
        let _ = fs::write(folder.join(FINISHED), "");
    }
}

/// Whether all checks of an exercise passed when they last ran: `path` is `02_idempotence/04_atomic_apply`, in the course
/// at `root`.
pub fn is_finished(root: &Path, path: &str) -> bool {
    folder_of(root, path).join(FINISHED).is_file()
}

fn folder(exercise: &Exercise) -> PathBuf {
    folder_of(exercise.root(), exercise.path())
}

fn folder_of(root: &Path, path: &str) -> PathBuf {
    root.join(".progress").join(path)
}

/// The functions on which there is a verdict.
fn functions(exercise: &Exercise) -> impl Iterator<Item = String> {
    let snapshots = fs::read_dir(exercise.snapshots()).into_iter().flatten();
    snapshots.flatten().filter_map(|snapshot| {
        let name = snapshot.file_name().into_string().ok()?;
        Some(name.strip_suffix(".verdict.snap")?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_finished_when_all_its_checks_have_passed() {
        let root = std::env::temp_dir().join(format!("lab-progress-{}", std::process::id()));
        let snapshots = root.join("tests/part/exercise/snapshots");
        fs::create_dir_all(&snapshots).expect("a folder can be made");
        for name in ["a.verdict.snap", "b.verdict.snap", "b.evidence.snap"] {
            fs::write(snapshots.join(name), "").expect("a file can be written");
        }
        let of = |tree: &str, package| {
            let crate_folder = root.join(tree).join("part/exercise");
            Exercise::of_crate(&crate_folder.to_string_lossy(), package)
        };
        let exercise = of("exercises", "exercise");
        let finished = root.join(".progress/part/exercise/finished");
        let is_finished = || {
            assert_eq!(is_finished(&root, "part/exercise"), finished.exists());
            finished.exists()
        };

        passed(&of("solutions", "exercise-solution"), "a");
        passed(&exercise, "b");
        assert!(!is_finished());
        passed(&exercise, "a");
        assert!(is_finished());
        begins(&exercise, "b");
        assert!(!is_finished());
        fs::remove_dir_all(&root).expect("the folder can be removed");
    }
}
