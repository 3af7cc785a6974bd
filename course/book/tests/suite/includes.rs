use crate::fixture::{Course, PAGE};

const SOLUTION: &str = "solutions/02_idempotence/04_atomic_apply/src/lib.rs";

/// A course whose page includes `directive`, from line 5.
fn with(directive: &str) -> Course {
    let course = Course::new();
    course.write(
        SOLUTION,
        "one\n// ANCHOR: apply\ntwo\n// ANCHOR_END: apply\nfive\n",
    );
    course.write(
        PAGE,
        &format!("{{{{exercise}}}}\n\n{{{{hints}}}}\n\n{directive}\n"),
    );
    course
}

fn include(rest: &str) -> String {
    format!("{{{{#include ../../{rest}}}}}")
}

#[test]
fn what_is_there_is_included() {
    let html = with(&format!(
        "```text\n{}\n```",
        include(&format!("{SOLUTION}:apply"))
    ))
    .built_page();
    assert!(
        html.contains("<code class=\"language-text\">two\n</code>"),
        "{html}"
    );
    let html = with(&format!(
        "```text\n{}\n```",
        include(&format!("{SOLUTION}:5"))
    ))
    .built_page();
    assert!(
        html.contains("<code class=\"language-text\">five\n</code>"),
        "{html}"
    );
}

#[test]
fn what_is_not_there_is_refused_with_its_line() {
    for (rest, reason) in [
        (
            "gone.rs".to_owned(),
            "there is no file `gone.rs`".to_owned(),
        ),
        (
            format!("{SOLUTION}:commit"),
            format!("there is no `ANCHOR: commit` in `{SOLUTION}`"),
        ),
        (
            format!("{SOLUTION}:2:9"),
            format!("there are only 5 lines, so no line 9 in `{SOLUTION}`"),
        ),
        (
            format!("{SOLUTION}:6:"),
            format!("there are only 5 lines, so no line 6 in `{SOLUTION}`"),
        ),
    ] {
        let directive = include(&rest);
        assert_eq!(
            with(&directive).refusal(),
            format!("{PAGE}:5: `{directive}`: {reason}.")
        );
        let directive = directive.replace("#include", "#rustdoc_include");
        assert_eq!(
            with(&directive).refusal(),
            format!("{PAGE}:5: `{directive}`: {reason}.")
        );
    }
}

#[test]
fn a_file_outside_the_repository_is_refused() {
    let directive = include("../elsewhere.rs");
    assert_eq!(
        with(&directive).refusal(),
        format!("{PAGE}:5: `{directive}` leads out of the repository.")
    );
}

#[test]
fn an_escaped_directive_is_text() {
    let html = with(r"Write \{{#include gone.rs}} or \{{#nonsense x}}.").built_page();
    assert!(
        html.contains("Write {{#include gone.rs}} or {{#nonsense x}}."),
        "{html}"
    );
}

#[test]
fn a_directive_that_mdbook_does_not_know_is_refused() {
    assert_eq!(
        with("{{#inculde lib.rs}}").refusal(),
        format!(
            "{PAGE}:5: mdBook has no directive `{{{{#inculde}}}}`; a backslash before it makes it text."
        )
    );
}

#[test]
fn an_included_file_is_held_to_its_own_includes() {
    let course = with(&include("book/shared/note.md"));
    course.write("book/shared/note.md", "Note.\n\n{{#include gone.rs}}\n");
    assert_eq!(
        course.refusal(),
        "book/shared/note.md:3: `{{#include gone.rs}}`: there is no file `book/shared/gone.rs`."
    );
}

#[test]
fn a_part_that_is_not_taken_may_hold_anything() {
    let course = with(&include("book/shared/note.md:1"));
    course.write("book/shared/note.md", "Note.\n\n{{#include gone.rs}}\n");
    assert!(course.built_page().contains("Note."));
}

#[test]
fn files_that_include_each_other_are_refused() {
    let course = with(&include("book/shared/note.md"));
    course.write("book/shared/note.md", "{{#include note.md}}\n");
    assert_eq!(
        course.refusal(),
        "book/shared/note.md:1: `{{#include note.md}}` is 10 files deep: do these files include each other?"
    );
}

#[test]
fn no_mark_of_an_anchor_reaches_a_page() {
    let marks = "fn a() {\n// ANCHOR: inner\nb();\n// ANCHOR_END: inner\n}\n";
    let with_marks = |directive: &str| {
        let course = with(directive);
        course.write(
            SOLUTION,
            &format!("// ANCHOR: outer\n{marks}// ANCHOR_END: outer\n"),
        );
        course
    };
    for word in ["include", "rustdoc_include"] {
        let directive = format!("```rust\n{{{{#{word} ../../{SOLUTION}:outer}}}}\n```");
        let html = with_marks(&directive).built_page();
        assert!(html.contains("b();"), "{html}");
        assert!(!html.contains("ANCHOR"), "{html}");
    }
    for (directive, mark) in [
        (
            format!("{{{{#include ../../{SOLUTION}}}}}"),
            "`ANCHOR: outer`, line 1",
        ),
        (
            format!("{{{{#include ../../{SOLUTION}:4:5}}}}"),
            "`ANCHOR_END: inner`, line 5",
        ),
        (
            format!("{{{{#rustdoc_include ../../{SOLUTION}:4}}}}"),
            "`ANCHOR: outer`, line 1",
        ),
        (
            format!("{{{{#playground ../../{SOLUTION}}}}}"),
            "`ANCHOR: outer`, line 1",
        ),
    ] {
        assert_eq!(
            with_marks(&directive).refusal(),
            format!(
                "{PAGE}:5: `{directive}` would show the mark {mark} of `{SOLUTION}`: \
                 enclose what the page needs in an anchor and include that."
            )
        );
    }
}
