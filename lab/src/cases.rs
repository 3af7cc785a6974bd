//! A check of a function that calls nobody: a table of what is given to it and what must come out.

use crate::audit::AnomalyKind;
use crate::exercise::Exercise;
use crate::harness::{
    OneRun, alone, expect_verdict, one_run, red, report_panic, show, task_of_stub,
};
use crate::progress;
use crate::quiet::caught;
use crate::report::{line, tell};

/// What a wrong result means: its name, and the likely reason in one sentence.
pub type Blame = (AnomalyKind, &'static str);

/// What else is to be said of a wrong result.
type More<T> = fn(&T) -> Option<String>;

/// Given and expected results of one function. `T` is what comes out of it.
pub struct Cases<T> {
    exercise: Exercise,
    function: &'static str,
    promise: &'static str,
    tell: fn(&T) -> String,
    blame: fn(&T, &T) -> Blame,
    /// One more line about a wrong result: its label, and what it says.
    more: Option<(&'static str, More<T>)>,
    cases: Vec<Case<T>>,
}

struct Case<T> {
    /// A name of its own, or the name of the row that sums up many cases.
    name: String,
    is_shown: bool,
    given: String,
    expected: T,
    run: Box<dyn FnOnce() -> T>,
}

impl<T: PartialEq + 'static> Cases<T> {
    /// A check that `function` of `exercise` keeps `promise`.
    ///
    /// `tell` puts a result into words, as the verdict has it.
    /// `blame` names what is wrong with a result: it is given the expected one and the one that came.
    pub fn new(
        exercise: Exercise,
        function: &'static str,
        promise: &'static str,
        tell: fn(&T) -> String,
        blame: fn(&T, &T) -> Blame,
    ) -> Self {
        Cases {
            exercise,
            function,
            promise,
            tell,
            blame,
            more: None,
            cases: Vec::new(),
        }
    }

    /// Has the report of a wrong result say one thing more, under this label: where it began to go wrong.
    pub fn tells_of_a_wrong_one(
        mut self,
        label: &'static str,
        more: fn(&T) -> Option<String>,
    ) -> Self {
        self.more = Some((label, more));
        self
    }

    /// A row of the verdict: what is given, in words, what must come out, and how to ask for it.
    pub fn case(
        mut self,
        name: &str,
        given: impl Into<String>,
        expected: T,
        run: impl FnOnce() -> T + 'static,
    ) -> Self {
        self.cases.push(Case {
            name: name.to_owned(),
            is_shown: true,
            given: given.into(),
            expected,
            run: Box::new(run),
        });
        self
    }

    /// One of many cases, drawn from a seed, that share a row of the verdict.
    pub fn one_of(
        mut self,
        row: &str,
        given: impl Into<String>,
        expected: T,
        run: impl FnOnce() -> T + 'static,
    ) -> Self {
        self = self.case(row, given, expected, run);
        if let Some(case) = self.cases.last_mut() {
            case.is_shown = false;
        }
        self
    }

    /// Asks for everything, tells what came of it, and fails unless all is as expected.
    pub fn judge(self) {
        let _alone = alone(self.function);
        match one_run(self.function) {
            Some(OneRun::OfAnother) => return,
            Some(OneRun::Own(..)) => {
                return show(&format!(
                    "{}: no fault can strike it, since it calls nobody. Its cases are checked without --fault.",
                    self.function
                ));
            }
            None => {}
        }
        progress::begins(&self.exercise, self.function);
        let mut document = format!("{}: {}\n\n", self.function, self.promise);
        let mut last_row = String::new();
        for case in self.cases {
            let result = caught(case.run);
            let wrong = match &result {
                Ok(result) if *result == case.expected => None,
                Ok(result) => Some((self.blame)(&case.expected, result)),
                Err(panic) if task_of_stub(panic).is_some() => {
                    report_panic(&self.exercise, self.function, panic)
                }
                Err(_) => Some((
                    AnomalyKind::Stuck,
                    "a panic ends the worker, and its successor meets the same input again",
                )),
            };
            let told = match &result {
                Ok(result) => (self.tell)(result),
                Err(panic) => format!("a panic: {panic}"),
            };
            if let Some((kind, why)) = wrong {
                let expected = (self.tell)(&case.expected);
                let mut text = format!(
                    "{:<11} {}: expected {expected}, got {told}\n",
                    kind.to_string(),
                    case.name
                );
                tell(&mut text, "given", &case.given);
                if let (Some((label, more)), Ok(result)) = (self.more, &result)
                    && let Some(more) = more(result)
                {
                    tell(&mut text, label, &more);
                }
                tell(&mut text, "why", why);
                let again = format!("cargo course check {}", self.exercise.slug());
                tell(&mut text, "again", &again);
                tell(&mut text, "read", &self.exercise.page());
                red(&text);
            }
            if case.is_shown {
                line(&mut document, &case.name, &told);
            } else if last_row != case.name {
                line(&mut document, &case.name, "as expected");
            }
            last_row = case.name;
        }
        // Nobody asked a solution for the answers.
        if !self.exercise.is_reference() {
            show(&document);
        }
        let unlike = "each result is as expected, but the verdict is not";
        expect_verdict(&self.exercise, self.function, &document, unlike);
    }
}
