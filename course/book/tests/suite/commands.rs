use crate::fixture::{Course, PAGE};
use mdbook_driver::MDBook;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_course-book");

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

#[test]
fn the_book_is_built_from_any_folder_inside_the_course() {
    let course = Course::new();
    let output = run(&course.root().join("book/02_idempotence"), &["build"]);
    assert!(output.status.success(), "{output:?}");
    assert!(course.root().join("target/book/index.html").is_file());
}

#[test]
fn a_problem_is_one_line_and_exit_code_1() {
    let course = Course::new();
    course.write(PAGE, "{{exercise}}\n{{hints}}\n{{#include gone.rs}}\n");
    for command in ["build", "check", "serve"] {
        let output = run(course.root(), &[command]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            format!(
                "{PAGE}:3: `{{{{#include gone.rs}}}}`: there is no file `book/02_idempotence/gone.rs`.\n"
            )
        );
    }
}

#[test]
fn a_check_ends_with_what_it_counted() {
    let output = run(Course::new().root(), &["check"]);
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.starts_with("checked ") && told.ends_with(" external links (not followed)\n"),
        "{told}"
    );
}

#[test]
fn a_check_fails_at_a_dead_link() {
    let course = Course::new();
    course.write("book/README.md", "# Start\n\n[On](lost.md)\n");
    let output = run(course.root(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("index.html: the link `lost.html` is dead: there is no file lost.html.\n"),
        "{told}"
    );
}

#[test]
fn what_mdbook_would_only_log_fails_the_build() {
    let course = Course::new();
    course.write("book/README.md", "# Start\n\n<details>\n\nNever closed.\n");
    assert!(
        course.refusal().starts_with("mdBook warns: "),
        "{}",
        course.refusal()
    );
}

#[test]
fn outside_a_course_there_is_nothing_to_build() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let output = run(folder.path(), &["build"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("there is no book.toml in "),
        "{output:?}"
    );
}

#[test]
fn mdbook_itself_builds_the_same_page() {
    let course = Course::new();
    let ours = course.built_page();
    course.book_toml(PROGRAM);
    let page = course
        .root()
        .join("target/book/02_idempotence/04_atomic_apply.html");
    fs::remove_file(&page).expect("it was built");
    MDBook::load(course.root())
        .and_then(|book| book.build())
        .expect("mdBook runs the command in book.toml");
    assert_eq!(fs::read_to_string(page).expect("it is built again"), ours);
}

#[test]
fn mdbook_is_told_that_only_html_is_supported() {
    let course = Course::new();
    assert_eq!(
        run(course.root(), &["preprocess", "supports", "html"])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(course.root(), &["preprocess", "supports", "markdown"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_port_that_is_none_is_told_in_one_sentence() {
    let output = run(Course::new().root(), &["serve", "--port", "80000"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "`80000` is not a port, which is a number up to 65535.\n"
    );
}

#[test]
fn an_unknown_command_is_answered_with_all_of_them() {
    let output = run(Course::new().root(), &["biuld"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("usage: course-book build"),
        "{output:?}"
    );
}
