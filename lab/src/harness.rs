//! What a check says to whoever runs it, by way of the test harness.

use crate::backend::BackendError;
use crate::data::Data;
use crate::exercise::Exercise;
use crate::guard;
use crate::progress;
use crate::snapshot;
use crate::source::Source;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, Once};

/// While it is held, no check but that of `function` runs: checks use all cores themselves, and their reports must not
/// mix.
pub(crate) fn alone(function: &'static str) -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let alone = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    guard::tries(function);
    alone
}

/// The one run that is to be repeated.
pub(crate) enum OneRun {
    /// A check's own, on these data under this plan.
    Own(Data, String),
    /// That of another check of the exercise.
    OfAnother,
}

/// The one run that is to be repeated, if that is what is asked for: `LAB_DATA` names its data, `LAB_FAULT` its plan. Where
/// `LAB_ONLY` names a check, it is that one's.
pub(crate) fn one_run(function: &str) -> Option<OneRun> {
    let named = |name| std::env::var(name).ok();
    let (data, plan) = (named("LAB_DATA"), named("LAB_FAULT"));
    if data.is_none() && plan.is_none() {
        return None;
    }
    if named("LAB_ONLY").is_some_and(|only| only != function) {
        return Some(OneRun::OfAnother);
    }
    let data = data.map_or(Ok(Data::Usual), |data| data.parse());
    let data = data.unwrap_or_else(|error: String| red(&error));
    Some(OneRun::Own(data, plan.unwrap_or_default()))
}

/// Ends the test red unless `document` is as the snapshot of the function's verdict says. `unlike` says what that means.
pub(crate) fn expect_verdict(exercise: &Exercise, function: &str, document: &str, unlike: &str) {
    if let Err(difference) =
        snapshot::compare(exercise, &snapshot::verdict_name(function), document)
    {
        red(&format!("DIFFERENT   {unlike}\n\n{difference}"));
    }
    progress::passed(exercise, function);
}

/// Shows a report also where the test passes: the test harness keeps what `print!` says to itself.
pub(crate) fn show(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "\n{text}");
}

/// Ends the test red, with this and nothing else: no place in the lab's code, no backtrace.
pub(crate) fn red(text: &str) -> ! {
    print!("{text}");
    if !text.ends_with('\n') {
        println!();
    }
    std::panic::resume_unwind(Box::new("the check is red"))
}

/// What a result holds; where it is an error, that ends the test red.
pub(crate) fn or_red<T>(result: Result<T, BackendError>) -> T {
    result.unwrap_or_else(|error| red(&error.to_string()))
}

/// What a stub wants to be done, if the panic is that of a stub.
pub(crate) fn task_of_stub(panic: &str) -> Option<&str> {
    let task = panic.strip_prefix("not yet implemented: ")?;
    // It says what to do, then a colon and the arguments, of which the compiler wants a use.
    task.split(": ").next()
}

/// Ends the test red because of a panic: that of a stub, or of an answer that fails at once.
pub(crate) fn report_panic(exercise: &Exercise, function: &str, panic: &str) -> ! {
    match task_of_stub(panic) {
        Some(task) => {
            // Said once for all checks of a function: the others are red for the same reason.
            static SAID: Once = Once::new();
            let source = Source::of_panic(panic, exercise.root());
            let name = source.as_ref().and_then(Source::function);
            let mut text = format!("`{}` is still todo!(): {task}\n", name.unwrap_or(function));
            SAID.call_once(|| {
                if source.as_ref().is_some_and(Source::is_all_todo) {
                    text.push_str("This is how every exercise begins. ");
                }
                text.push_str(&format!(
                    "Its page: {}. Stuck? cargo course hint {}",
                    exercise.page(),
                    exercise.slug(),
                ));
            });
            red(&text)
        }
        None => red(&format!(
            "STUCK       `{}` panicked: {panic}\n  {:<9} with no fault at all\n  {:<9} {}",
            function,
            "when",
            "read",
            exercise.page()
        )),
    }
}
