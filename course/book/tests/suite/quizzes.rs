use crate::fixture::{Course, PAGE};

const SNAPSHOT: &str = "tests/02_idempotence/04_atomic_apply/snapshots/apply.verdict.snap";

/// A course whose page has `block` on line 5.
fn with(block: &str) -> Course {
    let course = Course::new();
    course.write(
        SNAPSHOT,
        "---\nsource: a\n---\napply\n\nsome crash loses      evt_1 evt_2\n",
    );
    course.write(
        PAGE,
        &format!("{{{{exercise}}}}\n\n{{{{hints}}}}\n\n{block}\n\nAfter it.\n"),
    );
    course
}

fn refusal(block: &str) -> String {
    with(block).refusal()
}

#[test]
fn a_quiz_can_be_read_and_answered_without_a_script() {
    let html =
        with("```quiz\nWhich *one*?\n\n- [ ] `a`\n  Not\n  this.\n- [x] b < c\n  This.\n```")
            .built_page();
    for part in [
        "<legend>Which <em>one</em>?</legend>",
        "<code>a</code></label>",
        "<div class=\"why wrong\"><strong>No.</strong> Not this.</div>",
        "b &lt; c</label>",
        "<div class=\"why right\"><strong>Right.</strong> This.</div>",
        "After it.",
    ] {
        assert!(html.contains(part), "{part} is missing from {html}");
    }
    assert_eq!(html.matches("type=\"radio\"").count(), 2);
}

#[test]
fn a_run_decides_which_choice_is_right() {
    let quiz = |answer: &str| {
        format!(
            "```quiz ../../{SNAPSHOT} some crash loses\nWhich?\n\n- [=] `nothing`\n  Look again.\n- [=] {answer}\n  All.\n```"
        )
    };
    let html = with(&quiz("`evt_1 evt_2`")).built_page();
    assert!(
        html.contains("<div class=\"why right\"><strong>Right.</strong> All.</div>"),
        "{html}"
    );
    assert_eq!(
        refusal(&quiz("`evt_1`")),
        format!(
            "{PAGE}:5: no choice says `evt_1 evt_2`, which is what the run says of `some crash loses`."
        )
    );
}

#[test]
fn a_quiz_that_cannot_be_answered_is_refused() {
    for (block, line, reason) in [
        (
            "```quiz\nWhich?\n\n- [ ] a\n  No.\n- [ ] b\n  No.\n```",
            5,
            "this quiz has 2 choices and 0 right answers: it needs at least two, and one.",
        ),
        (
            "```quiz\nWhich?\n\n- [x] a\n  Yes.\n- [ ] b\n```",
            10,
            "the choice `b` has no explanation on indented lines below it.",
        ),
        (
            "```quiz\nWhich?\n\n- [y] a\n  Yes.\n```",
            8,
            "a choice is marked `[ ]`, `[x]` or `[=]`, and this one is `[y]`.",
        ),
        (
            "```quiz\n- [x] a\n  Yes.\n- [ ] b\n  No.\n```",
            5,
            "this quiz asks nothing.",
        ),
    ] {
        assert_eq!(refusal(block), format!("{PAGE}:{line}: {reason}"));
    }
}

#[test]
fn a_quiz_about_a_run_names_a_line_that_is_there() {
    let refused = |info: &str| {
        refusal(&format!(
            "```quiz {info}\nWhich?\n\n- [=] a\n  Yes.\n- [=] b\n  No.\n```"
        ))
    };
    assert_eq!(
        refused(&format!("../../{SNAPSHOT} some crash finds")),
        format!("{PAGE}:5: `quiz ../../{SNAPSHOT}`: no line of it begins with `some crash finds`.")
    );
    assert_eq!(
        refused("../gone.snap some crash loses"),
        format!("{PAGE}:5: `quiz ../gone.snap`: there is no file `book/gone.snap`.")
    );
    assert_eq!(
        refused(&format!("../../{SNAPSHOT}")),
        format!("{PAGE}:5: `quiz ../../{SNAPSHOT}` names a snapshot, but no line of it.")
    );
}

#[test]
fn a_drawing_becomes_an_image_with_words() {
    let html = with("```bob Two boxes and an arrow.\n.--.   .--.\n|  |-->|  |\n'--'   '--'\n```")
        .built_page();
    assert!(
        html.contains("role=\"img\" aria-label=\"Two boxes and an arrow.\" viewbox=\"0 0 "),
        "{html}"
    );
    assert_eq!(
        refusal("```bob\n.--.\n'--'\n```"),
        format!(
            "{PAGE}:5: this drawing needs words for those who do not see it: ```bob what it shows."
        )
    );
}

#[test]
fn other_code_stays_code() {
    let html = with("````text\n```quiz\nWhich?\n```\n````").built_page();
    assert!(html.contains("```quiz\nWhich?"), "{html}");
}
