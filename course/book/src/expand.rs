//! A page with its exercise, its hints and its snapshots in it.

use crate::crashes;
use crate::diagram;
use crate::directive::Directive;
use crate::exercise::Exercise;
use crate::hints::Hints;
use crate::markdown::lines;
use crate::page::ExercisePage;
use crate::problem::{Problem, Wrong};
use crate::quiz;
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
    let mut block: Option<Block> = None;
    for line in lines(text) {
        if let Some(mut open) = block.take() {
            if !line.closes {
                open.body.push(line.text);
                block = Some(open);
                continue;
            }
            match open.to_html(root, file) {
                Ok(html) => {
                    expanded.push_str(&html);
                    expanded.push('\n');
                }
                Err((below, reason)) => {
                    problems.push(Problem::new(file, open.line + below, reason));
                }
            }
            continue;
        }
        if let Some(open) = line.opens.and_then(|info| Block::opened(line.number, info)) {
            block = Some(open);
            continue;
        }
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

/// A fenced block that becomes something else than code.
struct Block<'a> {
    line: usize,
    kind: BlockKind,
    /// What stands behind its kind.
    info: &'a str,
    body: Vec<&'a str>,
}

enum BlockKind {
    Quiz,
    Diagram,
    Crashes,
}

impl<'a> Block<'a> {
    fn opened(line: usize, info: &'a str) -> Option<Self> {
        let (word, info) = info.split_once(' ').unwrap_or((info, ""));
        let kind = match word {
            "quiz" => BlockKind::Quiz,
            "bob" => BlockKind::Diagram,
            "crashes" => BlockKind::Crashes,
            _ => return None,
        };
        Some(Block {
            line,
            kind,
            info,
            body: Vec::new(),
        })
    }

    fn to_html(&self, root: &Path, file: &str) -> Result<String, Wrong> {
        match self.kind {
            BlockKind::Quiz => {
                let page: String = file
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                    .collect();
                let id = format!("quiz-{page}-{}", self.line);
                quiz::block(root, file, self.info, &self.body, &id)
            }
            BlockKind::Diagram => {
                diagram::block(self.info, &self.body).map_err(|reason| (0, reason))
            }
            BlockKind::Crashes => crashes::block(root, file, self.info, &self.body),
        }
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
