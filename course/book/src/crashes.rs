//! Recorded crashes: what was left when a worker died after each of its calls, and what came of it, as tables. With a
//! script, the reader moves along the calls of each instead.
//!
//! ````text
//! ```crashes Two processors, crashed after each of their calls
//! ../course/tests/snapshots/crashes__naive.snap Naive: adds every payment.
//! ../course/tests/snapshots/crashes__atomic.snap Atomic: one transaction.
//! ```
//! ````
//!
//! The words behind `crashes` name the whole. Each line names the snapshot of a recording, its title and what the
//! processor does. A recording is a Markdown table of eight columns.

use crate::html::escape;
use crate::problem::Wrong;
use crate::snapshot;
use std::fmt::Write;
use std::path::Path;

/// The call, three columns for the moment of the crash, three for the end, and the verdict.
const COLUMNS: usize = 8;

const HEAD: &str = "<thead><tr><th scope=\"col\" rowspan=\"2\">the worker dies after</th>\
<th scope=\"colgroup\" colspan=\"3\">when it dies</th>\
<th scope=\"colgroup\" colspan=\"3\">after the restart, in the end</th>\
<th scope=\"col\" rowspan=\"2\">verdict</th></tr>\
<tr><th scope=\"col\">balances</th><th scope=\"col\">remembered</th><th scope=\"col\">position</th>\
<th scope=\"col\">balances</th><th scope=\"col\">remembered</th><th scope=\"col\">position</th></tr></thead>";

/// The recordings that `body` names, as HTML without an empty line.
pub(crate) fn block(root: &Path, file: &str, name: &str, body: &[&str]) -> Result<String, Wrong> {
    let name = name.trim();
    if name.is_empty() {
        let reason = "these recordings need a name: ```crashes what is recorded.";
        return Err((0, reason.to_owned()));
    }
    let mut html = format!(
        "<section class=\"crashes\" aria-label=\"{}\">",
        escape(name)
    );
    let mut recordings = 0;
    for (line, text) in (1..).zip(body) {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let recording = recording(root, file, text).map_err(|reason| (line, reason))?;
        html.push('\n');
        html.push_str(&recording);
        recordings += 1;
    }
    if recordings == 0 {
        return Err((0, format!("`crashes {name}` names no recording.")));
    }
    html.push_str("\n</section>");
    Ok(html)
}

fn recording(root: &Path, file: &str, text: &str) -> Result<String, String> {
    let parts = text
        .split_once(' ')
        .and_then(|(path, words)| Some((path, words.split_once(": ")?)));
    let Some((path, (title, what))) = parts else {
        return Err(format!(
            "`{text}` is not a snapshot, then a title, a colon and what the processor does."
        ));
    };
    let asked = format!("`crashes {path}`");
    let document = snapshot::read(root, file, path, &asked)?;
    let rows: Vec<Vec<&str>> = document.lines().skip(2).map(cells).collect();
    if rows.len() < 2 || rows.iter().any(|row| row.len() != COLUMNS) {
        return Err(format!(
            "{asked} is not a table of {COLUMNS} columns with a row for each crash."
        ));
    }
    let (title, what) = (escape(title), escape(what));
    let mut html = format!(
        "<div class=\"crash-table\" role=\"region\" tabindex=\"0\" aria-label=\"{title}, all crashes\"><table>\
         <caption><strong>{title}</strong>: <span>{what}</span></caption>\n{HEAD}\n<tbody>"
    );
    for row in rows {
        let mut row = row.into_iter();
        let call = escape(row.next().unwrap_or_default());
        let _ = write!(html, "\n<tr><th scope=\"row\">{call}</th>");
        for cell in row {
            let _ = write!(html, "<td>{}</td>", escape(cell));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    Ok(html)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim()
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .collect()
}
