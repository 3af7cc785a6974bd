//! Paths as the book writes them: from one root, with `/` on every system.

use std::path::Path;

/// `path` with `/` between its parts.
pub(crate) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// The folder that `file` is in; empty at the root.
pub(crate) fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Where `link` leads from `folder`, or `None` if it leads out of the root.
///
/// Only the text decides: the same link must mean the same in a browser and on a disk.
pub(crate) fn resolve(folder: &str, link: &str) -> Option<String> {
    if link.starts_with('/') || Path::new(link).is_absolute() {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_climbs_as_far_as_the_root_and_no_further() {
        assert_eq!(
            resolve("book/part", "../../tests/check.rs").as_deref(),
            Some("tests/check.rs")
        );
        assert_eq!(
            resolve("book/part", "./page.md").as_deref(),
            Some("book/part/page.md")
        );
        assert_eq!(resolve("book", "../../elsewhere"), None);
        assert_eq!(resolve("book", "/etc/hosts"), None);
    }
}
