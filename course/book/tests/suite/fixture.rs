//! A small course in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The page of its only exercise.
pub const PAGE: &str = "book/02_idempotence/04_atomic_apply.md";
/// The folder of its only exercise.
pub const EXERCISE: &str = "exercises/02_idempotence/04_atomic_apply";

/// A course with one exercise, of which nothing is wrong.
pub struct Course(TempDir);

impl Course {
    pub fn new() -> Self {
        let course = Course(tempfile::tempdir().expect("a folder can be made"));
        // The build must not run this command: it does what the command would.
        course.book_toml("no-such-program");
        course.write("book/SUMMARY.md", "[Start](README.md)\n\n- [Part](02_idempotence/README.md)\n  - [Page](02_idempotence/04_atomic_apply.md)\n");
        course.write("book/README.md", "# Start\n");
        course.write("book/02_idempotence/README.md", "# Part\n");
        course.write(PAGE, "# Page\n\n{{exercise}}\n\n{{hints}}\n");
        course.write(&format!("{EXERCISE}/Cargo.toml"), "[package]\nname = \"atomic-apply\"\n\n[package.metadata.course]\ntitle = \"Apply once\"\nminutes = 25\ncore = true\n");
        course.write(&format!("{EXERCISE}/src/lib.rs"), "pub fn apply() {}\n");
        course.write(
            &format!("{EXERCISE}/hints.md"),
            "## 1\n\nLook.\n\n## 2\n\nThink.\n\n## 3\n\nDo.\n",
        );
        course
    }

    /// Lets mdBook itself run `program` for the pages.
    pub fn book_toml(&self, program: &str) {
        let text = format!(
            "[book]\ntitle = \"A book\"\nsrc = \"book\"\n\n[build]\nbuild-dir = \"target/book\"\ncreate-missing = false\n\n\
             [preprocessor.course]\ncommand = '''\"{program}\" preprocess'''\nbefore = [\"index\", \"links\"]\n\n\
             [output.html]\ninput-404 = \"\"\n"
        );
        self.write("book.toml", &text);
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder"))
            .expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub fn remove(&self, path: &str) {
        let path = self.root().join(path);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.expect("it was there");
    }

    pub fn build(&self) -> anyhow::Result<PathBuf> {
        course_book::build::build(self.root())
    }

    /// What the author reads when the build fails.
    pub fn refusal(&self) -> String {
        format!(
            "{:#}",
            self.build()
                .expect_err("something is wrong with the course")
        )
    }

    /// The built page of the exercise.
    pub fn built_page(&self) -> String {
        let folder = self.build().expect("nothing is wrong with the course");
        fs::read_to_string(folder.join("02_idempotence/04_atomic_apply.html"))
            .expect("the page is built")
    }
}
