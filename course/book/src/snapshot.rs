//! What a check prints, on a page: the document in one of insta's snapshots.

use crate::path::{folder, resolve};
use std::io::ErrorKind;
use std::path::Path;

/// The document of the snapshot at `path`, seen from the page `file`, as a block of plain text.
pub(crate) fn block(root: &Path, file: &str, path: &str) -> Result<String, String> {
    let name = format!("`{{{{snapshot {path}}}}}`");
    let document = read(root, file, path, &name)?;
    // mdBook looks into code blocks too.
    if document.contains("{{#") {
        return Err(format!(
            "{name} holds a `{{{{#`, which mdBook would take for a directive."
        ));
    }
    let fence = fence(&document);
    Ok(format!("{fence}text\n{document}\n{fence}"))
}

/// The document of the snapshot at `path`, seen from the page `file`. `name` is what asks for it.
pub(crate) fn read(root: &Path, file: &str, path: &str, name: &str) -> Result<String, String> {
    let snapshot = resolve(folder(file), path)
        .ok_or_else(|| format!("{name} leads out of the repository."))?;
    let text =
        std::fs::read_to_string(root.join(&snapshot)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("{name}: there is no file `{snapshot}`."),
            _ => format!("{name}: `{snapshot}` cannot be read ({error})."),
        })?;
    let text = text.replace("\r\n", "\n");
    let document = document(&text).ok_or_else(|| {
        format!(
            "{name}: `{snapshot}` is no snapshot: it begins with no header between two lines `---`."
        )
    })?;
    Ok(document.to_owned())
}

/// What stands below the header of a snapshot, if it has one.
fn document(text: &str) -> Option<&str> {
    let (_, document) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    Some(document.trim_matches('\n'))
}

/// A fence that nothing in `document` can close.
fn fence(document: &str) -> String {
    let longest = document.split(|c| c != '`').map(str::len).max();
    "`".repeat(3.max(1 + longest.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_stands_below_the_header() {
        let text = "---\nsource: a.rs\n---\nfirst\n---\nlast\n";
        assert_eq!(document(text), Some("first\n---\nlast"));
        assert_eq!(document("first\n---\nlast\n"), None);
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_document() {
        assert_eq!(fence("a `b`"), "```");
        assert_eq!(fence("````\na\n````"), "`````");
    }
}
