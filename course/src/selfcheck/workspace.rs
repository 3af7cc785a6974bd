//! The scratch workspace: a copy of the exercise's crate for each answer, below the build folder.
//!
//! A copy of its own for each, because Cargo knows one library by one name; one workspace for all, because Cargo
//! then builds them side by side, and what they depend on once. Nothing is written that is there already: Cargo
//! builds again what is newer.

use super::answer::Answer;
use crate::cargo::cargo;
use crate::exercises::{Course, entries, name as file_name, read};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The scratch workspace.
pub struct Scratch {
    /// Its folder.
    pub root: PathBuf,
    /// The name of the folder in it that holds the answers. No two workspaces use the same: Cargo tells crates that share
    /// a build folder apart by their paths from their workspace, and would take one for the other.
    answers: String,
    /// The build folder, the same as that of the course: its dependencies are compiled there already.
    pub target: PathBuf,
}

impl Scratch {
    /// Writes the workspace `name` anew, as far as anything has changed.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn write(course: &Course, name: &str, answers: &[Answer]) -> Result<Self> {
        let target = target_folder(course)?;
        let scratch = Scratch {
            root: target.join(name),
            answers: format!("{name}-answers"),
            target,
        };
        for old in entries(&scratch.answers())? {
            if !answers
                .iter()
                .any(|answer| answer.package == file_name(&old))
            {
                std::fs::remove_dir_all(&old)
                    .with_context(|| format!("{} cannot be deleted", old.display()))?;
            }
        }
        for answer in answers {
            scratch.write_answer(answer)?;
        }
        let members = answers.iter().map(|answer| {
            format!(
                "{}/{}/exercises/{}",
                scratch.answers, answer.package, answer.exercise.path
            )
        });
        let manifest = scratch_manifest(
            &course.root,
            &read(&course.root.join("Cargo.toml"))?,
            &scratch.write_lab(course)?,
            members.collect(),
        )?;
        write(&scratch.root.join("Cargo.toml"), manifest.as_bytes())?;
        copy(
            &course.root.join("Cargo.lock"),
            &scratch.root.join("Cargo.lock"),
        )?;
        Ok(scratch)
    }

    fn answers(&self) -> PathBuf {
        self.root.join(&self.answers)
    }

    /// Everything that belongs to an answer: in it, paths are as in the course.
    fn course_of(&self, answer: &Answer) -> PathBuf {
        self.answers().join(&answer.package)
    }

    /// The crate of an answer.
    pub fn folder(&self, answer: &Answer) -> PathBuf {
        self.course_of(answer)
            .join("exercises")
            .join(&answer.exercise.path)
    }

    /// Whether a manifest is that of `answer`.
    pub fn holds(&self, answer: &Answer, manifest: &Path) -> bool {
        manifest.starts_with(self.course_of(answer))
    }

    /// Writes the two crates by which checks link the lab, with a name of this workspace's own for the shared library: a
    /// build folder has one file for each name, and the course's is there already. Gives the one that checks depend on.
    fn write_lab(&self, course: &Course) -> Result<PathBuf> {
        let theirs = course.root.join("lab");
        let name = file_name(&self.root);
        let ours = self.root.join(format!("{name}-lab"));
        let dylib = format!("lab-dylib-{name}");
        let named = ("name = \"lab-dylib\"", format!("name = \"{dylib}\""));
        let dependency = format!("lab-dylib = {{ package = \"{dylib}\", ");
        for (part, own) in [("dylib", named), ("linked", ("lab-dylib = { ", dependency))] {
            let (from, to) = (theirs.join(part), ours.join(part));
            let lab = ("path = \"..\"", format!("path = '{}'", theirs.display()));
            let manifest = changed(&from.join("Cargo.toml"), &[own, lab])?;
            write(&to.join("Cargo.toml"), manifest.as_bytes())?;
            copy(&from.join("src/lib.rs"), &to.join("src/lib.rs"))?;
        }
        Ok(ours.join("linked"))
    }

    fn write_answer(&self, answer: &Answer) -> Result<()> {
        let exercise = &answer.exercise;
        let folder = self.folder(answer);
        copy_folder(&exercise.folder().join("src"), &folder.join("src"))?;
        write(&folder.join("src/lib.rs"), answer.text.as_bytes())?;

        let file = exercise.folder().join("Cargo.toml");
        let mut manifest: Table = toml::from_str(&read(&file)?)?;
        let package = manifest.get_mut("package").and_then(Value::as_table_mut);
        let package = package.with_context(|| format!("{} has no [package]", file.display()))?;
        package.insert("name".to_owned(), answer.package.clone().into());
        write(
            &folder.join("Cargo.toml"),
            toml::to_string(&manifest)?.as_bytes(),
        )?;

        let own = import(&exercise.slug);
        let check = changed(
            &exercise.folder().join("tests/check.rs"),
            &[(&own, import(&answer.package))],
        )?;
        write(&folder.join("tests/check.rs"), check.as_bytes())?;

        let tests = self.course_of(answer).join("tests").join(&exercise.path);
        let files = entries(&exercise.tests())?.into_iter();
        for file in files.filter(|entry| entry.is_file()) {
            copy(&file, &tests.join(file_name(&file)))?;
        }
        copy_folder(&exercise.snapshots(), &tests.join("snapshots"))
    }
}

/// The text of a file with other words in some places, all of which must be there.
fn changed(file: &Path, changes: &[(&str, String)]) -> Result<String> {
    let mut text = read(file)?;
    for (old, new) in changes {
        if !text.contains(old) {
            bail!("{} does not say `{old}`.", file.display());
        }
        text = text.replace(old, new);
    }
    Ok(text)
}

/// The line by which a check gets its answer.
fn import(package: &str) -> String {
    format!("use {} as answer;", package.replace('-', "_"))
}

fn target_folder(course: &Course) -> Result<PathBuf> {
    let output = cargo(&course.root)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cargo cannot be started")?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).with_context(|| {
            format!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )
        })?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no build folder")?;
    Ok(PathBuf::from(folder))
}

/// The root's manifest with other members and another way to the lab: what is shared, lints and profiles are the same, so
/// nothing that both workspaces use is built twice.
fn scratch_manifest(root: &Path, text: &str, lab: &Path, members: Vec<String>) -> Result<String> {
    let mut manifest: Table = toml::from_str(text)?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut);
    let workspace = workspace.context("the root's Cargo.toml has no [workspace]")?;
    workspace.insert("members".to_owned(), members.into());
    workspace.remove("default-members");
    workspace.remove("exclude");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let dependencies = workspace
        .get_mut("dependencies")
        .and_then(Value::as_table_mut);
    let dependencies = dependencies.context("the root's Cargo.toml has no shared dependencies")?;
    for (_, dependency) in dependencies.iter_mut() {
        if let Some(Value::String(theirs)) = dependency.get_mut("path") {
            *theirs = path(&root.join(&*theirs));
        }
    }
    let own = dependencies.get_mut("lab").and_then(Value::as_table_mut);
    let own = own.context("the root's Cargo.toml does not say where the lab is")?;
    own.insert("path".to_owned(), path(lab).into());
    Ok(toml::to_string(&manifest)?)
}

/// Copies the files of a folder, and deletes there what is not here.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in entries(to)? {
        if !from.join(file_name(&file)).exists() {
            std::fs::remove_file(&file)
                .with_context(|| format!("{} cannot be deleted", file.display()))?;
        }
    }
    for entry in entries(from)? {
        let to = to.join(file_name(&entry));
        if entry.is_dir() {
            copy_folder(&entry, &to)?;
        } else if file_name(&entry) != "lib.rs" {
            copy(&entry, &to)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes =
        std::fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    write(to, &bytes)
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let unwritable = || format!("{} cannot be written", file.display());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(unwritable)?;
    }
    std::fs::write(file, bytes).with_context(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scratch_workspace_has_other_members_and_a_lab_of_its_own() {
        let text = "[workspace]\nmembers = [\"lab\"]\ndefault-members = [\"lab\"]\n\
                    [workspace.dependencies]\nlab = { path = \"lab\" }\n\
                    sdk = { path = \"lab/sdk\" }\nserde = \"1\"\n\
                    [profile.dev]\ndebug = false\n";
        let manifest = scratch_manifest(
            Path::new("/course"),
            text,
            Path::new("/scratch/lab"),
            vec!["a".to_owned()],
        )
        .expect("it is a manifest");
        let manifest: Table = toml::from_str(&manifest).expect("it is still one");
        let workspace = &manifest["workspace"];
        assert_eq!(workspace["members"], Value::from(vec!["a"]));
        assert_eq!(workspace.get("default-members"), None);
        let dependencies = &workspace["dependencies"];
        assert_eq!(dependencies["lab"]["path"], Value::from("/scratch/lab"));
        assert_eq!(dependencies["sdk"]["path"], Value::from("/course/lab/sdk"));
        assert_eq!(dependencies["serde"], Value::from("1"));
        assert_eq!(manifest["profile"]["dev"]["debug"], Value::from(false));
    }
}
