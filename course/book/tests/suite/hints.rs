use crate::fixture::{Course, EXERCISE, PAGE};

fn with_hints(text: &str) -> Course {
    let course = Course::new();
    course.write(&format!("{EXERCISE}/hints.md"), text);
    course
}

#[test]
fn hints_are_three_folded_blocks_of_markdown() {
    let hints =
        "# Hints\n\n## 1\n\nOne *step*.\n\nAnother.\n\n## 2\n\n```sh\n## 3\n```\n\n## 3\n\n- Do\n";
    let html = with_hints(hints).built_page();
    for text in [
        "<summary>Hint 1</summary>\n<p>One <em>step</em>.</p>\n<p>Another.</p>",
        "<summary>Hint 2</summary>\n<pre><code class=\"language-sh\">## 3\n</code></pre>",
        "<summary>Hint 3</summary>\n<ul>\n<li>Do</li>",
    ] {
        assert!(html.contains(text), "{text} is missing from {html}");
    }
    assert_eq!(html.matches("<details>").count(), 3);
}

#[test]
fn an_exercise_without_hints_is_refused() {
    let course = Course::new();
    course.remove(&format!("{EXERCISE}/hints.md"));
    let refusal = course.refusal();
    assert!(
        refusal.starts_with(&format!(
            "{EXERCISE}/hints.md:1: the exercise's hints cannot be read ("
        )),
        "{refusal}"
    );
}

#[test]
fn hints_that_are_not_three_are_refused_where_they_go_wrong() {
    let shape = "hints.md has exactly three sections, headed `## 1`, `## 2` and `## 3`";
    for (text, line, reason) in [
        (
            "## 1\na\n## 2\nb\n",
            4,
            format!("hint 3 is missing: {shape}."),
        ),
        (
            "## 1\na\n## 3\nb\n",
            3,
            format!("`## 3` is one heading too many or out of order: {shape}."),
        ),
        (
            "## 1\na\n## 2\nb\n## 3\nc\n## 4\nd\n",
            7,
            format!("`## 4` is one heading too many or out of order: {shape}."),
        ),
        (
            "Hello\n## 1\na\n",
            1,
            format!("this text stands before the first hint: {shape}."),
        ),
        (
            "## 1\n\n## 2\nb\n## 3\nc\n",
            1,
            "this hint is empty.".to_owned(),
        ),
        ("", 1, format!("hint 1 is missing: {shape}.")),
    ] {
        assert_eq!(
            with_hints(text).refusal(),
            format!("{EXERCISE}/hints.md:{line}: {reason}"),
            "{text}"
        );
    }
}

#[test]
fn hints_cannot_include_files() {
    let course = with_hints("## 1\na\n## 2\n{{#include x.rs}}\n## 3\nc\n");
    assert_eq!(
        course.refusal(),
        format!(
            "{EXERCISE}/hints.md:4: `{{{{#include x.rs}}}}` does not work in hints: write the text out."
        )
    );
}

#[test]
fn a_page_without_its_hints_is_refused() {
    let course = Course::new();
    course.write(PAGE, "{{exercise}}\n");
    assert_eq!(
        course.refusal(),
        format!("{PAGE}:1: this is the page of `{EXERCISE}`, but it has no line `{{{{hints}}}}`.")
    );
}

#[test]
fn hints_on_any_other_page_are_refused() {
    let course = Course::new();
    course.write("book/README.md", "{{hints}}\n");
    assert_eq!(
        course.refusal(),
        "book/README.md:1: `{{hints}}` belongs on the page of an exercise, `NN_part/NN_exercise.md`."
    );
}
