//! What the demo prints: with colour where a terminal is, as plain text where not.

use anstyle::{AnsiColor, Style};

/// The standard output.
pub struct Screen(());

const HEADING: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

impl Screen {
    /// The standard output; `NO_COLOR` and pipes are respected.
    pub fn new() -> Self {
        Screen(())
    }

    /// A line in the middle of the story.
    pub fn line(&mut self, text: &str) {
        anstream::println!("{text}");
    }

    /// The beginning of an act.
    pub fn heading(&mut self, text: &str) {
        anstream::println!("\n{HEADING}{text}{HEADING:#}");
    }

    /// A line that matters less.
    pub fn faint(&mut self, text: &str) {
        anstream::println!("{FAINT}{text}{FAINT:#}");
    }

    /// A line with a verdict.
    pub fn verdict(&mut self, text: &str, good: bool) {
        let style = if good { GOOD } else { BAD };
        anstream::println!("{style}{text}{style:#}");
    }
}
