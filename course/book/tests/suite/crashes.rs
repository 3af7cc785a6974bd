use crate::fixture::{Course, PAGE};

const SNAPSHOT: &str = "course/tests/snapshots/naive.snap";
const TABLE: &str = "| dies after | a | b | c | d | e | f | verdict |\n|---|---|---|---|---|---|---|---|\n\
                     | nothing | a < b | - | 0 of 1 | 2 | - | 1 of 1 | sound |\n\
                     | 1 PutItem | 1 | - | 0 of 1 | 2 | - | 1 of 1 | LOST evt_1 |\n";

/// A course whose page has `block` on line 5, and a recording.
fn with(block: &str, recording: &str) -> Course {
    let course = Course::new();
    course.write(SNAPSHOT, &format!("---\nsource: a\n---\n{recording}"));
    course.write(
        PAGE,
        &format!("{{{{exercise}}}}\n\n{{{{hints}}}}\n\n{block}\n\nAfter it.\n"),
    );
    course
}

#[test]
fn recorded_crashes_can_be_read_without_a_script() {
    let block = format!("```crashes One \"processor\"\n../../{SNAPSHOT} Naive: adds it up.\n```");
    let html = with(&block, TABLE).built_page();
    for part in [
        "<section class=\"crashes\" aria-label=\"One &quot;processor&quot;\">",
        "<caption><strong>Naive</strong>: <span>adds it up.</span></caption>",
        "<tr><th scope=\"row\">nothing</th><td>a &lt; b</td>",
        "<td>1 of 1</td><td>LOST evt_1</td></tr>",
        "After it.",
    ] {
        assert!(html.contains(part), "{part} is missing from {html}");
    }
}

#[test]
fn recorded_crashes_that_are_none_are_refused() {
    let table = |line: &str| format!("```crashes Some\n{line}\n```");
    let good = format!("../../{SNAPSHOT} Naive: adds it up.");
    for (block, recording, line, reason) in [
        (
            table("../../a.snap Naive: adds it up."),
            TABLE,
            6,
            "`crashes ../../a.snap`: there is no file `a.snap`.",
        ),
        (
            table(&format!("../../{SNAPSHOT} Naive")),
            TABLE,
            6,
            "`../../course/tests/snapshots/naive.snap Naive` is not a snapshot, then a title, a colon and what the \
             processor does.",
        ),
        (
            table(&good),
            "| a |\n|---|\n| 1 |\n| 2 |\n",
            6,
            "`crashes ../../course/tests/snapshots/naive.snap` is not a table of 8 columns with a row for each crash.",
        ),
        (table(""), TABLE, 5, "`crashes Some` names no recording."),
        (
            format!("```crashes\n{good}\n```"),
            TABLE,
            5,
            "these recordings need a name: ```crashes what is recorded.",
        ),
    ] {
        let refusal = with(&block, recording).refusal();
        assert_eq!(refusal, format!("{PAGE}:{line}: {reason}"));
    }
}
