//! Where an exercise's files are, and what its manifest says about it. No other module knows.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository, and the exercises in it.
pub struct Course {
    /// The folder with `exercises`, `solutions`, `tests` and `book`.
    pub root: PathBuf,
    /// In the order of their folders.
    pub exercises: Vec<Exercise>,
}

/// An exercise.
#[derive(Clone, Debug)]
pub struct Exercise {
    root: PathBuf,
    /// `02_idempotence/04_atomic_apply`: the same below `exercises`, `solutions`, `tests` and `book`.
    pub path: String,
    /// `atomic-apply`: the name of its package, which stays when the number changes.
    pub slug: String,
    /// What its page calls it.
    pub title: String,
    /// How long it takes, with its page.
    pub minutes: u32,
    /// Whether later exercises build on it.
    pub core: bool,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    course: Facts,
}

#[derive(Deserialize)]
struct Facts {
    title: String,
    minutes: u32,
    core: bool,
}

impl Course {
    /// The course around the current folder.
    ///
    /// # Errors
    /// There is none, or a manifest says too little.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder is gone")?;
        let is_root = |folder: &&Path| {
            folder.join("exercises").is_dir() && folder.join("lab/Cargo.toml").is_file()
        };
        let root = here.ancestors().find(is_root);
        let root = root.context("This is not inside the course: change to its folder first.")?;
        Self::load(root)
    }

    fn load(root: &Path) -> Result<Self> {
        let mut exercises = Vec::new();
        for part in folders(&root.join("exercises"))? {
            for folder in folders(&part)? {
                if folder.join("Cargo.toml").is_file() {
                    exercises.push(Exercise::load(root, &part, &folder)?);
                }
            }
        }
        let mut paths = BTreeMap::new();
        for Exercise { slug, path, .. } in &exercises {
            if let Some(other) = paths.insert(slug, path) {
                bail!(
                    "Two exercises are called `{slug}`: exercises/{other} and exercises/{path}. Rename one."
                );
            }
        }
        Ok(Course {
            root: root.to_owned(),
            exercises,
        })
    }

    /// The exercise of that name; without a name the one that the current folder belongs to.
    ///
    /// # Errors
    /// There is none.
    pub fn exercise(&self, slug: Option<&str>) -> Result<&Exercise> {
        let known = || {
            self.exercises
                .iter()
                .map(|exercise| exercise.slug.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match slug {
            Some(slug) => self
                .exercises
                .iter()
                .find(|exercise| exercise.slug == slug)
                .with_context(|| format!("There is no exercise `{slug}`; there are {}.", known())),
            None => self.here().with_context(|| {
                format!(
                    "Which exercise? Name one of {}, or change to its folder.",
                    known()
                )
            }),
        }
    }

    fn here(&self) -> Option<&Exercise> {
        let here = std::env::current_dir().ok()?;
        self.exercises.iter().find(|exercise| {
            let folders = [exercise.folder(), exercise.solution(), exercise.tests()];
            folders.iter().any(|folder| here.starts_with(folder))
        })
    }
}

impl Exercise {
    /// Whether the learner's own answer passed its checks when they last ran: the lab keeps a mark then.
    pub fn is_finished(&self) -> bool {
        lab::progress::is_finished(&self.root, &self.path)
    }

    fn load(root: &Path, part: &Path, folder: &Path) -> Result<Self> {
        let path = format!("{}/{}", name(part), name(folder));
        let manifest = folder.join("Cargo.toml");
        let text = read(&manifest)?;
        let Manifest {
            package:
                Package {
                    name,
                    metadata: Metadata { course },
                },
        } = toml::from_str(&text).with_context(|| {
            format!(
                "{} needs title, minutes and core in [package.metadata.course].",
                manifest.display()
            )
        })?;
        let Facts {
            title,
            minutes,
            core,
        } = course;
        Ok(Exercise {
            root: root.to_owned(),
            path,
            slug: name,
            title,
            minutes,
            core,
        })
    }

    /// What the learner edits: a crate.
    pub fn folder(&self) -> PathBuf {
        self.root.join("exercises").join(&self.path)
    }

    /// The reference: a crate.
    pub fn solution(&self) -> PathBuf {
        self.root.join("solutions").join(&self.path)
    }

    /// The check, its snapshots, wrong answers and right answers.
    pub fn tests(&self) -> PathBuf {
        self.root.join("tests").join(&self.path)
    }

    /// The check's snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.tests().join("snapshots")
    }

    /// Answers that the check must refuse, in the order of their names.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn wrong(&self) -> Result<Vec<PathBuf>> {
        rust_files(&self.tests().join("wrong"))
    }

    /// Answers that the check must accept, in the order of their names.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn right(&self) -> Result<Vec<PathBuf>> {
        rust_files(&self.tests().join("right"))
    }

    /// The exercise's page in the book.
    pub fn page(&self) -> PathBuf {
        self.root.join("book").join(format!("{}.md", self.path))
    }

    /// Three hints.
    pub fn hints(&self) -> PathBuf {
        self.folder().join("hints.md")
    }
}

/// The text of a file.
///
/// # Errors
/// It cannot be read; the error names it.
pub fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// What is in a folder, in the order of the names; nothing where there is no folder.
///
/// # Errors
/// It cannot be read; the error names it.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unreadable = || format!("{} cannot be read", folder.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        entries.push(entry.with_context(unreadable)?.path());
    }
    entries.sort();
    Ok(entries)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(folder)?
        .into_iter()
        .filter(|path| path.is_dir())
        .collect())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    Ok(entries(folder)?.into_iter().filter(is_rust).collect())
}

/// A path's last part.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the course is above its command");
        Course::load(root).expect("the course's own manifests are whole")
    }

    #[test]
    fn an_exercise_knows_its_files() {
        let course = course();
        let exercise = course.exercise(Some("atomic-apply")).expect("it is there");
        assert_eq!(exercise.path, "02_idempotence/04_atomic_apply");
        assert!(exercise.solution().join("src/lib.rs").is_file());
        assert!(exercise.snapshots().join("apply.verdict.snap").is_file());
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = course()
            .exercise(Some("atomic-aply"))
            .expect_err("there is none");
        assert!(
            error
                .to_string()
                .starts_with("There is no exercise `atomic-aply`; there are commit-order, "),
            "{error}"
        );
    }
}
