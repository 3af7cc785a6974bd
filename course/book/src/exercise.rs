//! What a page says about its exercise, from the exercise's own `Cargo.toml`.

use crate::problem::Problem;
use serde::Deserialize;
use std::num::NonZeroU32;
use std::path::Path;

/// The facts in `[package.metadata.course]`.
#[derive(Debug, Deserialize)]
pub(crate) struct Exercise {
    title: String,
    /// How long it takes somebody who has read the page.
    minutes: NonZeroU32,
    /// Whether later exercises build on it.
    core: bool,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    course: Exercise,
}

impl Exercise {
    /// Reads the facts about the exercise in `folder`.
    pub(crate) fn load(root: &Path, folder: &str) -> Result<Self, Problem> {
        let file = format!("{folder}/Cargo.toml");
        let text = std::fs::read_to_string(root.join(&file)).map_err(|error| {
            Problem::new(
                &file,
                1,
                format!("the exercise's manifest cannot be read ({error})."),
            )
        })?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text[..at].matches('\n').count();
            let reason = format!(
                "`[package.metadata.course]` needs `title`, `minutes` and `core`: {}.",
                error.message().trim_end_matches('.')
            );
            Problem::new(&file, line, reason)
        })?;
        Ok(manifest.package.metadata.course)
    }

    /// The box on the page that tells what to edit and what to run.
    ///
    /// A quotation, because every theme and every reader of plain Markdown sets it apart already.
    pub(crate) fn to_markdown(&self, folder: &str) -> String {
        let Exercise {
            title,
            minutes,
            core,
        } = self;
        let path = if *core {
            "on the core path"
        } else {
            "beyond the core path"
        };
        format!(
            "> **Exercise: {title}** (about {minutes} minutes, {path})\n\
             >\n\
             > Edit `{folder}/src/lib.rs`, then run:\n\
             >\n\
             > ```sh\n\
             > cd {folder}\n\
             > cargo test\n\
             > ```"
        )
    }
}
