//! Where an exercise's files are: one place knows, and all else is derived from the path.

use std::path::{Path, PathBuf};

/// An exercise, as seen from the crate in which a check is compiled.
#[derive(Clone, Debug)]
pub struct Exercise {
    root: PathBuf,
    /// `02_idempotence/04_atomic_apply`
    path: String,
    package: &'static str,
}

/// The exercise to which the current crate belongs.
#[macro_export]
macro_rules! exercise {
    () => {
        $crate::Exercise::of_crate(env!("CARGO_MANIFEST_DIR"), env!("CARGO_PKG_NAME"))
    };
}

impl Exercise {
    /// From a crate's folder, `…/exercises/02_idempotence/04_atomic_apply`, and its package's name.
    ///
    /// # Panics
    /// If the folder is not three levels below the course's root.
    pub fn of_crate(manifest_dir: &str, package: &'static str) -> Self {
        let folder = Path::new(manifest_dir);
        let name = |folder: &Path| {
            folder
                .file_name()
                .expect("an exercise has a folder")
                .to_string_lossy()
                .into_owned()
        };
        let part = folder.parent().expect("an exercise is in a part's folder");
        let root = part
            .parent()
            .and_then(Path::parent)
            .expect("a part is in the course's folder");
        Exercise {
            root: root.to_owned(),
            path: format!("{}/{}", name(part), name(folder)),
            package,
        }
    }

    /// The exercise's name on the command line, the same for its solution: `atomic-apply`.
    pub fn slug(&self) -> &str {
        self.package
            .strip_suffix("-solution")
            .unwrap_or(self.package)
    }

    /// Whether this is the reference, whose evidence is kept as a snapshot.
    pub fn is_reference(&self) -> bool {
        self.package.ends_with("-solution")
    }

    /// The check's snapshots: one set for the exercise and its solution.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.root.join("tests").join(&self.path).join("snapshots")
    }

    /// The course's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `02_idempotence/04_atomic_apply`
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The exercise's page in the book, from the course's root.
    pub(crate) fn page(&self) -> String {
        format!("book/{}.md", self.path)
    }
}
