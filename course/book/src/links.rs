//! Follows every link of the built book that leads to the book itself.

use crate::html::{Html, Link};
use crate::path::{folder, resolve, slashed};
use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// A link that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadLink {
    /// The page, from the book's folder.
    pub page: String,
    /// The link as it stands there.
    pub link: String,
    /// Why a reader cannot follow it.
    pub reason: String,
}

impl fmt::Display for DeadLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the link `{}` is dead: {}.",
            self.page, self.link, self.reason
        )
    }
}

/// What a check has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Built pages.
    pub pages: usize,
    /// Links within the book.
    pub internal: usize,
    /// Links to other sites. Nobody followed them: the check needs no network.
    pub external: usize,
    /// Those within the book that lead nowhere.
    pub dead: BTreeSet<DeadLink>,
}

impl fmt::Display for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Links {
            pages,
            internal,
            external,
            dead,
        } = self;
        if dead.is_empty() {
            return write!(
                f,
                "checked {pages} pages: {internal} internal links, {external} external links (not followed)"
            );
        }
        let lines: Vec<String> = dead.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Checks the book that was built into `folder`.
///
/// # Errors
/// A file of it cannot be read.
pub fn check(folder: &Path) -> Result<Links> {
    let site = Site::read(folder)?;
    let mut links = Links {
        pages: site.pages.len(),
        ..Links::default()
    };
    for (page, html) in &site.pages {
        for link in &html.links {
            match site.follow(page, link) {
                Ok(Target::Internal) => links.internal += 1,
                Ok(Target::External) => links.external += 1,
                Err(reason) => {
                    links.dead.insert(DeadLink {
                        page: page.clone(),
                        link: link.url.clone(),
                        reason,
                    });
                }
            }
        }
    }
    Ok(links)
}

enum Target {
    Internal,
    External,
}

/// Every file of the built book, by its path from the book's folder.
struct Site {
    files: BTreeSet<String>,
    pages: BTreeMap<String, Html>,
}

impl Site {
    fn read(root: &Path) -> Result<Self> {
        let mut site = Site {
            files: BTreeSet::new(),
            pages: BTreeMap::new(),
        };
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder)
                .with_context(|| format!("{} cannot be read", folder.display()))?;
            for entry in entries {
                let path = entry
                    .with_context(|| format!("{} cannot be read", folder.display()))?
                    .path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = slashed(path.strip_prefix(root).unwrap_or(&path));
                if path
                    .extension()
                    .is_some_and(|extension| extension == "html")
                {
                    let text = std::fs::read_to_string(&path)
                        .with_context(|| format!("{} cannot be read", path.display()))?;
                    site.pages.insert(name.clone(), Html::read(&text));
                }
                site.files.insert(name);
            }
        }
        Ok(site)
    }

    /// Where `link` on `page` leads, or why it leads nowhere.
    fn follow(&self, page: &str, link: &Link) -> Result<Target, String> {
        let url = link.url.trim();
        if let Some(scheme) = scheme(url) {
            return match scheme {
                "data" => Ok(Target::Internal),
                "mailto" => Ok(Target::External),
                "http" | "https" | "" if link.is_followed => Ok(Target::External),
                "http" | "https" | "" => Err(
                    "the page loads it from another site, so it would not work offline".to_owned(),
                ),
                scheme => Err(format!("`{scheme}:` leads to no page")),
            };
        }
        let (path, fragment) = url.split_once('#').unwrap_or((url, ""));
        let path = decoded(path.split('?').next().unwrap_or_default())?;
        let file = if path.is_empty() {
            page.to_owned()
        } else {
            self.file(page, &path)?
        };
        let fragment = decoded(fragment)?;
        // An empty one, or this word, is the top of any page.
        if fragment.is_empty() || fragment == "top" {
            return Ok(Target::Internal);
        }
        match self.pages.get(&file) {
            Some(html) if !html.ids.contains(&fragment) => {
                Err(format!("nothing in {file} has the id `{fragment}`"))
            }
            _ => Ok(Target::Internal),
        }
    }

    fn file(&self, page: &str, path: &str) -> Result<String, String> {
        if path.starts_with('/') {
            return Err(
                "it starts at the root of a server, so it would not work from a folder".to_owned(),
            );
        }
        let file = resolve(folder(page), path).ok_or("it leads out of the book")?;
        if self.files.contains(&file) {
            return Ok(file);
        }
        let index = if file.is_empty() {
            "index.html".to_owned()
        } else {
            format!("{file}/index.html")
        };
        if self.files.contains(&index) {
            return Err(format!(
                "it is a folder, which only a server can open; link to {index}"
            ));
        }
        Err(format!("there is no file {file}"))
    }
}

/// What stands before the first colon, if that makes `url` lead elsewhere; empty for `//site`.
fn scheme(url: &str) -> Option<&str> {
    if url.starts_with("//") {
        return Some("");
    }
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some(scheme)
}

fn decoded(text: &str) -> Result<String, String> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err("its percent signs do not stand for UTF-8".to_owned()),
    }
}
