//! What the reader has finished: the lab leaves a file for each exercise, and the sidebar shows a mark.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The marks of the course at `root`, as a style for a page's head: without a script, and without a change to the page.
pub(crate) fn style(root: &Path) -> String {
    let mut style = String::from("<style>");
    for path in finished(&root.join(".progress")) {
        let _ = write!(
            style,
            "#mdbook-sidebar a[href$=\"{path}.html\"]::after{{content:\" ✓\"/\", finished\"}}"
        );
    }
    style.push_str("</style>");
    style
}

/// The exercises with a mark, in their order: `02_idempotence/04_atomic_apply`.
fn finished(folder: &Path) -> Vec<String> {
    let mut found: Vec<_> = folders(folder)
        .flat_map(|part| folders(&part))
        .filter(|exercise| exercise.join("finished").is_file())
        .filter_map(|exercise| Some(crate::path::slashed(exercise.strip_prefix(folder).ok()?)))
        .collect();
    found.sort();
    found
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
}
