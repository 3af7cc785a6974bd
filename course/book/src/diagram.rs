//! A drawing made of characters, as SVG in the page: no engine in the browser, and the colours of the reader's theme.
//!
//! ````text
//! ```bob A worker reads, processes and commits, in this order.
//!  .------.    .---------.    .--------.
//!  | read |--->| process |--->| commit |
//!  '------'    '---------'    '--------'
//! ```
//! ````
//!
//! The words behind `bob` say what the drawing shows, for those who do not see it.

use crate::html::escape;
use svgbob::{CellBuffer, Node, Settings};

/// The drawing in `body`, as HTML without an empty line; `words` say what it shows.
pub(crate) fn block(words: &str, body: &[&str]) -> Result<String, String> {
    let words = words.trim();
    if words.is_empty() {
        return Err(
            "this drawing needs words for those who do not see it: ```bob what it shows."
                .to_owned(),
        );
    }
    let settings = Settings {
        include_backdrop: false,
        include_styles: false,
        include_defs: true,
        ..Settings::default()
    };
    let cells = CellBuffer::from(body.join("\n").as_str());
    let (drawing, width, height): (Node<()>, f32, f32) = cells.get_node_with_size(&settings);
    let mut svg = String::new();
    drawing
        .render(&mut svg)
        .map_err(|error| format!("this drawing cannot be drawn: {error}."))?;
    // It grows with the text, and shrinks with the page.
    let svg = svg.replacen(
        "<svg ",
        &format!(
            "<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {width} {height}\" ",
            escape(words)
        ),
        1,
    );
    let lines: Vec<_> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(format!("<div class=\"diagram\">{}</div>", lines.join("\n")))
}
