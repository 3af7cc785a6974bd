//! The source around a panic: in which function it stands, and which functions are still to be written.

use std::fs::read_to_string;
use std::path::Path;

/// A source file, and the line in it that panicked.
pub(crate) struct Source {
    text: String,
    /// Counted from 1.
    line: usize,
}

impl Source {
    /// The place that a panic names in its end, ` (src/lib.rs:122)`. The compiler has named it from the workspace's root:
    /// `folder`, or one above it. `None` if there is no such file.
    pub(crate) fn of_panic(panic: &str, folder: &Path) -> Option<Self> {
        let (_, place) = panic.strip_suffix(')')?.rsplit_once(" (")?;
        let (file, line) = place.rsplit_once(':')?;
        let mut roots = folder.ancestors();
        Some(Source {
            text: roots.find_map(|root| read_to_string(root.join(file)).ok())?,
            line: line.parse().ok()?,
        })
    }

    /// The function in whose body the panic stands.
    pub(crate) fn function(&self) -> Option<&str> {
        let lines = self.text.lines().take(self.line);
        lines.filter_map(function_in).last()
    }

    /// Whether every function of the file has a `todo!()`: nobody has begun.
    pub(crate) fn is_all_todo(&self) -> bool {
        let mut lacks_one = false;
        for line in self.text.lines().filter(|line| !is_comment(line)) {
            if function_in(line).is_some() {
                if lacks_one {
                    return false;
                }
                lacks_one = true;
            }
            lacks_one &= !line.contains("todo!(");
        }
        !lacks_one
    }
}

/// The name of the function that begins in this line, if one does.
fn function_in(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ").filter(|_| !is_comment(line))?;
    let name = &after[..after.find(['(', '<'])?];
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_keyword = before.is_empty() || before.ends_with(' ');
    (is_name && is_keyword).then_some(name)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "\
/// Begins; what fn end(s) is todo!() as well.
pub async fn begin<T>(
    given: T,
) -> Result<(), Error> {
    todo!(\"begin: {given}\")
}

impl End {
    pub fn end(&self) {
        todo!(\"end: {self:?}\")
    }
}
";

    fn source(text: &str, line: usize) -> Source {
        let text = text.to_owned();
        Source { text, line }
    }

    #[test]
    fn a_panic_is_in_the_function_that_begins_last_before_it() {
        assert_eq!(source(STUB, 5).function(), Some("begin"));
        assert_eq!(source(STUB, 10).function(), Some("end"));
        assert_eq!(source(STUB, 1).function(), None);
    }

    #[test]
    fn whoever_has_written_one_function_has_begun() {
        assert!(source(STUB, 5).is_all_todo());
        for todo in ["todo!(\"begin: {given}\")", "todo!(\"end: {self:?}\")"] {
            assert!(!source(&STUB.replace(todo, "written(given)"), 5).is_all_todo());
        }
        let helper = format!("fn helper() {{}}\n{STUB}");
        assert!(!source(&helper, 5).is_all_todo());
    }

    #[test]
    fn a_panic_names_its_place_in_its_end() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let of_panic = |panic: &str| Source::of_panic(panic, folder);
        for file in ["src/source.rs", "lab/src/source.rs"] {
            let read = of_panic(&format!("not yet implemented: (a): b ({file}:12)"));
            assert_eq!(read.map(|source| source.line), Some(12));
        }
        assert!(of_panic("not yet implemented: (a): b (src/nowhere.rs:12)").is_none());
        assert!(of_panic("not yet implemented: b").is_none());
    }
}
