//! Notices when something that the book is made of changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the book is made of, from the root of the repository.
const SOURCES: [&str; 5] = ["book.toml", "book", "exercises", "solutions", "tests"];

/// The files as they were at one moment: when each was last written, and its length.
///
/// Looking again once a second is slower than asking the system to tell, and works on every system alike.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// The files below `root` as they are now. One that vanishes meanwhile is not there.
    #[must_use]
    pub fn take(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut left: Vec<PathBuf> = SOURCES.iter().map(|source| root.join(source)).collect();
        while let Some(path) = left.pop() {
            let Ok(metadata) = path.metadata() else {
                continue;
            };
            if metadata.is_file() {
                files.insert(path, (metadata.modified().ok(), metadata.len()));
            } else if let Ok(entries) = path.read_dir() {
                left.extend(
                    entries
                        .flatten()
                        .filter(|entry| entry.file_name() != "target")
                        .map(|entry| entry.path()),
                );
            }
        }
        Snapshot(files)
    }
}
