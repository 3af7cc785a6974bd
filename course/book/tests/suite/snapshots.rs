use crate::fixture::{Course, PAGE};

const SNAPSHOT: &str = "tests/02_idempotence/04_atomic_apply/snapshots/apply.verdict.snap";

/// A course whose page shows `path`, on line 5, and whose only snapshot holds `text`.
fn with(path: &str, text: &str) -> Course {
    let course = Course::new();
    course.write(SNAPSHOT, text);
    course.write(
        PAGE,
        &format!("{{{{exercise}}}}\n\n{{{{hints}}}}\n\n{{{{snapshot {path}}}}}\n\nAfter it.\n"),
    );
    course
}

fn path() -> String {
    format!("../../{SNAPSHOT}")
}

#[test]
fn a_snapshot_is_shown_without_its_header() {
    let course = with(
        &path(),
        "---\r\nsource: lab/src/snapshot.rs\r\n---\r\nsound <all> *of* it\r\n---\r\n  twice\r\n",
    );
    let html = course.built_page();
    let shown = "<pre><code class=\"language-text\">sound &lt;all&gt; *of* it\n---\n  twice\n</code></pre>\n<p>After it.</p>";
    assert!(html.contains(shown), "{html}");
    assert!(!html.contains("source: lab"), "{html}");
}

#[test]
fn a_snapshot_may_stand_on_any_page_and_more_than_once() {
    let course = with(&path(), "---\nsource: a\n---\nsound\n");
    let directive = format!("{{{{snapshot ../{SNAPSHOT}}}}}\n");
    course.write("book/README.md", &format!("{directive}\n{directive}"));
    let folder = course.build().expect("nothing is wrong with the course");
    let html = std::fs::read_to_string(folder.join("index.html")).expect("the page is built");
    assert_eq!(html.matches("language-text\">sound\n").count(), 2, "{html}");
}

#[test]
fn a_snapshot_with_fences_in_it_stays_one_block() {
    let html = with(&path(), "---\nsource: a\n---\n```\n<b>\n```\n").built_page();
    assert!(
        html.contains("language-text\">```\n&lt;b&gt;\n```\n</code>"),
        "{html}"
    );
}

#[test]
fn a_snapshot_that_cannot_be_shown_is_refused_with_its_line() {
    let good = "---\nsource: a\n---\nsound\n";
    for (path, text, reason) in [
        (
            "../../tests/gone.snap".to_owned(),
            good,
            ": there is no file `tests/gone.snap`.".to_owned(),
        ),
        (
            "../../../elsewhere.snap".to_owned(),
            good,
            " leads out of the repository.".to_owned(),
        ),
        (
            path(),
            "sound\n",
            format!(
                ": `{SNAPSHOT}` is no snapshot: it begins with no header between two lines `---`."
            ),
        ),
        (
            path(),
            "---\nsource: a\n---\n{{#include x}}\n",
            " holds a `{{#`, which mdBook would take for a directive.".to_owned(),
        ),
    ] {
        assert_eq!(
            with(&path, text).refusal(),
            format!("{PAGE}:5: `{{{{snapshot {path}}}}}`{reason}")
        );
    }
}

#[test]
fn an_escaped_snapshot_and_one_in_a_code_block_are_text() {
    let course = Course::new();
    course.write(
        "book/README.md",
        "# Start\n\n\\{{snapshot gone.snap}}\n\n```text\n{{snapshot gone.snap}}\n```\n",
    );
    let folder = course.build().expect("nothing is wrong with the course");
    let html = std::fs::read_to_string(folder.join("index.html")).expect("the page is built");
    assert_eq!(html.matches("{{snapshot gone.snap}}").count(), 2, "{html}");
}
