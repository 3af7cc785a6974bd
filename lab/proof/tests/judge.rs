//! What makes a check red, and what does not make it green.

use aws_sdk_dynamodb::types::AttributeValue;
use lab::{AnomalyKind, Aws, Budget, Cases, Check, Exercise, Fault, Scenario};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// An exercise in a folder of its own, whose snapshot holds `verdict`.
fn exercise(name: &str, verdict: &str) -> Exercise {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let snapshots = root.join("tests/01_part/01_exercise/snapshots");
    std::fs::create_dir_all(&snapshots).expect("the target folder can be written to");
    let snapshot = format!("---\nsource: lab/src/snapshot.rs\n---\n{verdict}");
    std::fs::write(snapshots.join("put.verdict.snap"), snapshot).expect("and a file in it");
    let crate_folder = root.join("exercises/01_part/01_exercise");
    Exercise::of_crate(&crate_folder.to_string_lossy(), "exercise")
}

const SOUND: &str = "\
put: stays put

no fault                          sound
crash before a call               sound
two faults in one run             sound
";

fn check(exercise: Exercise) -> Check {
    let scenario = Scenario::new(put).table("marks", "mark", Vec::new());
    Check::new(exercise, "put", "stays put", scenario).under(&[Fault::CrashBefore])
}

async fn put(aws: Aws) -> Result<(), String> {
    let put = aws.dynamodb.put_item().table_name(aws.name("marks"));
    let put = put.item("mark", AttributeValue::S("a".to_owned()));
    put.send()
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

fn is_green(check: Check) -> bool {
    catch_unwind(AssertUnwindSafe(|| check.judge())).is_ok()
}

#[test]
fn a_sound_verdict_that_is_as_expected_is_green() {
    assert!(is_green(check(exercise("green", SOUND))));
}

#[test]
fn a_sound_verdict_that_is_not_as_expected_is_red() {
    assert!(!is_green(check(exercise(
        "different",
        &SOUND.replace("stays put", "moves")
    ))));
}

#[test]
fn a_verdict_without_a_snapshot_is_red() {
    let exercise = exercise("missing", SOUND);
    let snapshots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("missing/tests");
    std::fs::remove_dir_all(snapshots).expect("it was written just now");
    assert!(!is_green(check(exercise)));
}

#[test]
fn a_fault_that_never_has_an_occasion_is_red() {
    let unproven = SOUND.replace(
        "two faults",
        "empty page                        UNPROVEN: it never had an occasion\ntwo faults",
    );
    assert!(!is_green(
        check(exercise("unproven", &unproven)).under(&[Fault::EmptyPage])
    ));
}

#[test]
fn a_fault_that_may_lack_an_occasion_is_sound_without_one() {
    let sound = SOUND.replace(
        "two faults",
        "empty page                        sound\ntwo faults",
    );
    assert!(is_green(
        check(exercise("optional", &sound)).under_if_met(&[Fault::EmptyPage])
    ));
}

#[test]
fn an_answer_over_budget_is_red() {
    let budget = |calls| Budget {
        per: "run",
        count: 1,
        calls,
        capacity_units: 9,
    };
    let within = format!(
        "{SOUND}\nwithin budget                     at most 1 calls and 9 capacity units for each run\n"
    );
    assert!(is_green(
        check(exercise("within", &within)).budget(budget(1))
    ));
    let over = within
        .replace("within budget", "OVER BUDGET  ")
        .replace("most 1", "most 0");
    assert!(!is_green(check(exercise("over", &over)).budget(budget(0))));
}

#[test]
fn a_stub_is_red() {
    let scenario = Scenario::new(|_| async move { todo!("write it") as Result<(), String> });
    assert!(!is_green(Check::new(
        exercise("stub", SOUND),
        "put",
        "stays put",
        scenario
    )));
}

/// A check of a function that calls nobody.
fn doubled(name: &str, double: fn(u32) -> u32) -> bool {
    let exercise = exercise(name, "");
    let snapshots = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(name)
        .join("tests/01_part/01_exercise/snapshots");
    let verdict = "---\nsource: lab/src/snapshot.rs\n---\ndouble: twice as much\n\n\
                   one                               2\nothers                            as expected\n";
    std::fs::write(snapshots.join("double.verdict.snap"), verdict).expect("as above");
    let blame = |_: &u32, _: &u32| (AnomalyKind::Corrupt, "it is not twice as much");
    let cases = Cases::new(exercise, "double", "twice as much", u32::to_string, blame)
        .case("one", "1", 2, move || double(1))
        .one_of("others", "7", 14, move || double(7))
        .one_of("others", "8", 16, move || double(8));
    catch_unwind(AssertUnwindSafe(|| cases.judge())).is_ok()
}

#[test]
fn cases_are_green_only_if_each_result_is_as_expected() {
    assert!(doubled("cases_right", |n| n + n));
    assert!(!doubled("cases_wrong", |n| n + 1));
    assert!(!doubled("cases_wrong_at_the_last", |n| n.min(7) * 2));
    assert!(!doubled("cases_panic", |n| if n == 8 {
        panic!("eight")
    } else {
        n * 2
    }));
    assert!(!doubled("cases_stub", |n| todo!("double it: {n}")));
}
