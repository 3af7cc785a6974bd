//! The three hints of an exercise, each a step closer to the answer.

use crate::markdown::lines;
use crate::problem::Problem;
use std::path::Path;

/// What the author reads when the sections are not as they should be.
const SHAPE: &str = "hints.md has exactly three sections, headed `## 1`, `## 2` and `## 3`";

/// The hints of one exercise, as Markdown.
pub(crate) struct Hints([String; 3]);

impl Hints {
    /// Reads `hints.md` of the exercise in `folder`.
    pub(crate) fn load(root: &Path, folder: &str) -> Result<Self, Problem> {
        let file = format!("{folder}/hints.md");
        let text = std::fs::read_to_string(root.join(&file)).map_err(|error| {
            Problem::new(
                &file,
                1,
                format!("the exercise's hints cannot be read ({error})."),
            )
        })?;
        Self::parse(&text).map_err(|(line, reason)| Problem::new(file, line, reason))
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut sections: Vec<(usize, Vec<&str>)> = Vec::new();
        for line in lines(text) {
            if let Some(column) = line
                .text
                .find("{{#")
                .filter(|column| !line.text[..*column].ends_with('\\'))
            {
                let reason = format!(
                    "`{}` does not work in hints: write the text out.",
                    &line.text[column..]
                );
                return Err((line.number, reason));
            }
            match line.text.strip_prefix("## ") {
                Some(heading) if !line.is_code => {
                    let next = sections.len() + 1;
                    if next > 3 || heading.trim() != next.to_string() {
                        return Err((
                            line.number,
                            format!(
                                "`{}` is one heading too many or out of order: {SHAPE}.",
                                line.text.trim()
                            ),
                        ));
                    }
                    sections.push((line.number, Vec::new()));
                }
                _ => match sections.last_mut() {
                    Some((_, section)) => section.push(line.text),
                    None if line.text.trim().is_empty() || line.text.starts_with("# ") => {}
                    None => {
                        return Err((
                            line.number,
                            format!("this text stands before the first hint: {SHAPE}."),
                        ));
                    }
                },
            }
        }
        let mut hints = Vec::new();
        for (line, section) in sections {
            let hint = section.join("\n").trim_matches('\n').to_owned();
            if hint.trim().is_empty() {
                return Err((line, "this hint is empty.".to_owned()));
            }
            hints.push(hint);
        }
        let count = hints.len();
        let hints = hints.try_into().map_err(|_| {
            (
                text.lines().count().max(1),
                format!("hint {} is missing: {SHAPE}.", count + 1),
            )
        })?;
        Ok(Hints(hints))
    }

    /// Three folded blocks. The blank lines make Markdown of what is inside.
    pub(crate) fn to_markdown(&self) -> String {
        let blocks: Vec<String> = (1..)
            .zip(&self.0)
            .map(|(number, hint)| {
                format!("<details>\n<summary>Hint {number}</summary>\n\n{hint}\n\n</details>")
            })
            .collect();
        blocks.join("\n\n")
    }
}
