//! A page with its exercise, its hints and its snapshots in it.

use crate::directive::Directive;
use crate::exercise::Exercise;
use crate::hints::Hints;
use crate::markdown::lines;
use crate::page::ExercisePage;
use crate::problem::Problem;
use crate::snapshot;
use std::path::Path;

/// Puts the exercise, the hints and snapshots where `text` asks for them.
///
/// `file` is the page's path from the root of the repository, `page` that from the book's folder.
pub(crate) fn expand(
    root: &Path,
    file: &str,
    page: &Path,
    text: &str,
) -> Result<String, Vec<Problem>> {
    let exercise = ExercisePage::at(page).map(|page| page.exercise_folder());
    let mut problems = Vec::new();
    let mut exercise_line = None;
    let mut hints_line = None;
    let mut expanded = String::with_capacity(text.len());
    for line in lines(text) {
        let directive = if line.is_code {
            Ok(None)
        } else {
            Directive::on(line.text)
        };
        let problem = |reason| Problem::new(file, line.number, reason);
        let once = |seen: &mut Option<usize>, block| match seen.replace(line.number) {
            Some(first) => Err(problem(format!(
                "`{}` stands on line {first} already.",
                line.text.trim()
            ))),
            None => block,
        };
        let result = match (directive, exercise.as_deref()) {
            (Ok(None), _) => Ok(line.text.to_owned()),
            (Err(reason), _) => Err(problem(reason)),
            (Ok(Some(Directive::Snapshot(path))), _) => {
                snapshot::block(root, file, path).map_err(problem)
            }
            (Ok(Some(Directive::Exercise)), Some(folder)) => once(
                &mut exercise_line,
                exercise_block(root, file, line.number, folder),
            ),
            (Ok(Some(Directive::Hints)), Some(folder)) => {
                once(&mut hints_line, hints_block(root, folder))
            }
            (Ok(Some(Directive::Exercise | Directive::Hints)), None) => Err(problem(format!(
                "`{}` belongs on the page of an exercise, `NN_part/NN_exercise.md`.",
                line.text.trim()
            ))),
        };
        match result {
            Ok(text) => {
                expanded.push_str(&text);
                expanded.push('\n');
            }
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(folder) = exercise {
        for (seen, directive) in [(exercise_line, "{{exercise}}"), (hints_line, "{{hints}}")] {
            if seen.is_none() {
                let reason =
                    format!("this is the page of `{folder}`, but it has no line `{directive}`.");
                problems.push(Problem::new(file, 1, reason));
            }
        }
    }
    if problems.is_empty() {
        Ok(expanded)
    } else {
        Err(problems)
    }
}

fn exercise_block(root: &Path, file: &str, line: usize, folder: &str) -> Result<String, Problem> {
    if !root.join(folder).is_dir() {
        return Err(Problem::new(
            file,
            line,
            format!("there is no exercise `{folder}`."),
        ));
    }
    if !root.join(folder).join("src/lib.rs").is_file() {
        return Err(Problem::new(
            file,
            line,
            format!("there is nothing to edit: `{folder}/src/lib.rs` does not exist."),
        ));
    }
    Exercise::load(root, folder).map(|exercise| exercise.to_markdown(folder))
}

fn hints_block(root: &Path, folder: &str) -> Result<String, Problem> {
    // Without an exercise there is one thing to put right, and `{{exercise}}` says it.
    if !root.join(folder).is_dir() {
        return Ok(String::new());
    }
    Hints::load(root, folder).map(|hints| hints.to_markdown())
}
