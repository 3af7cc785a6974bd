use crate::fixture::{Course, EXERCISE, PAGE};

#[test]
fn the_page_of_an_exercise_tells_what_to_edit_and_what_to_run() {
    let html = Course::new().built_page();
    for text in [
        "<strong>Exercise: Apply once</strong> (about 25 minutes, on the core path)",
        "<code>exercises/02_idempotence/04_atomic_apply/src/lib.rs</code>",
        "cd exercises/02_idempotence/04_atomic_apply\ncargo test\n",
    ] {
        assert!(html.contains(text), "{text} is missing from {html}");
    }
}

#[test]
fn an_exercise_beyond_the_core_path_says_so() {
    let course = Course::new();
    course.write(
        &format!("{EXERCISE}/Cargo.toml"),
        "[package.metadata.course]\ntitle = \"More\"\nminutes = 5\ncore = false\n",
    );
    assert!(
        course
            .built_page()
            .contains("(about 5 minutes, beyond the core path)")
    );
}

#[test]
fn a_page_without_its_exercise_is_refused() {
    let course = Course::new();
    course.write(PAGE, "# Page\n\n{{hints}}\n");
    assert_eq!(
        course.refusal(),
        format!(
            "{PAGE}:1: this is the page of `{EXERCISE}`, but it has no line `{{{{exercise}}}}`."
        )
    );
}

#[test]
fn an_exercise_on_any_other_page_is_refused() {
    let course = Course::new();
    course.write("book/02_idempotence/README.md", "# Part\n\n{{exercise}}\n");
    assert_eq!(
        course.refusal(),
        "book/02_idempotence/README.md:3: `{{exercise}}` belongs on the page of an exercise, `NN_part/NN_exercise.md`."
    );
}

#[test]
fn a_page_whose_exercise_does_not_exist_is_refused_once() {
    let course = Course::new();
    course.remove(EXERCISE);
    assert_eq!(
        course.refusal(),
        format!("{PAGE}:3: there is no exercise `{EXERCISE}`.")
    );
}

#[test]
fn an_exercise_with_nothing_to_edit_is_refused() {
    let course = Course::new();
    course.remove(&format!("{EXERCISE}/src/lib.rs"));
    assert_eq!(
        course.refusal(),
        format!("{PAGE}:3: there is nothing to edit: `{EXERCISE}/src/lib.rs` does not exist.")
    );
}

#[test]
fn an_exercise_that_hides_how_long_it_takes_is_refused_where_it_should_say() {
    let course = Course::new();
    course.write(
        &format!("{EXERCISE}/Cargo.toml"),
        "[package]\nname = \"x\"\n[package.metadata.course]\ntitle = \"Apply once\"\ncore = true\n",
    );
    assert_eq!(
        course.refusal(),
        format!(
            "{EXERCISE}/Cargo.toml:3: `[package.metadata.course]` needs `title`, `minutes` and `core`: missing field `minutes`."
        )
    );
}

#[test]
fn an_exercise_may_stand_on_its_page_only_once() {
    let course = Course::new();
    course.write(PAGE, "{{exercise}}\n{{hints}}\n{{exercise}}\n");
    assert_eq!(
        course.refusal(),
        format!("{PAGE}:3: `{{{{exercise}}}}` stands on line 1 already.")
    );
}

#[test]
fn a_directive_in_a_code_block_is_code() {
    let course = Course::new();
    course.write(
        PAGE,
        "{{exercise}}\n\n{{hints}}\n\n```text\n{{exercise}}\n```\n",
    );
    assert!(course.built_page().contains("{{exercise}}\n</code>"));
}

#[test]
fn every_problem_is_told_in_the_order_of_the_book() {
    let course = Course::new();
    course.write("book/02_idempotence/README.md", "{{hints}}\n");
    course.write(
        PAGE,
        "{{exercises}}\n{{#include gone.rs}}\n{{exercise}}\n{{hints}}\n",
    );
    let refusal = course.refusal();
    let places: Vec<&str> = refusal
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        [
            "book/02_idempotence/README.md:1",
            &format!("{PAGE}:1"),
            &format!("{PAGE}:2")
        ]
    );
}
