//! A check of a plan of faults: does it break a given worker, and is it as short as any?

use crate::audit::Anomaly;
use crate::backend::Kind;
use crate::exercise::Exercise;
use crate::fault::{Fault, Strike};
use crate::harness::{alone, expect_verdict, or_red, red, report_panic, show};
use crate::matrix::{Lane, Plans, run_lanes};
use crate::progress;
use crate::quiet::caught;
use crate::report::{calls, line, tell};
use crate::scenario::Scenario;
use crate::setting::Setting;
use crate::trace::Entry;

/// Whether what a run came to is what was to be brought about: in a few words, or `None`.
type Goal = fn(&[Anomaly]) -> Option<String>;

/// A worker to break.
pub struct Breaking {
    exercise: Exercise,
    function: &'static str,
    goal: &'static str,
    scenario: Scenario,
    allowed: Vec<Fault>,
    reached: Goal,
}

impl Breaking {
    /// A check that the plan of `function` makes the workers of `scenario` do what `goal` says.
    ///
    /// `allowed` are the faults that the plan may use. `reached` tells from the anomalies of a run whether it is
    /// there, in words that are the same for each plan.
    pub fn new(
        exercise: Exercise,
        function: &'static str,
        goal: &'static str,
        scenario: Scenario,
        allowed: &[Fault],
        reached: Goal,
    ) -> Self {
        Breaking {
            exercise,
            function,
            goal,
            scenario,
            allowed: allowed.to_vec(),
            reached,
        }
    }

    /// Runs `plan`, and every plan that is shorter where it has at most two faults. Fails unless it is as short as any.
    pub fn judge(self, plan: impl FnOnce() -> Vec<Strike>) {
        let _alone = alone(self.function);
        progress::begins(&self.exercise, self.function);
        let kind = or_red(Kind::from_env());
        let plan = caught(plan)
            .unwrap_or_else(|panic| report_panic(&self.exercise, self.function, &panic));
        if let Some(strike) = plan
            .iter()
            .find(|strike| !self.allowed.contains(&strike.fault))
        {
            self.refuse(
                "FORBIDDEN",
                &format!("this plan must do without `{}`", strike.fault.label()),
                "",
            );
        }
        if plan.iter().any(|strike| strike.at == 0) {
            self.refuse(
                "SURVIVED",
                "a fault of the plan strikes call 0, and the first one is 1",
                "",
            );
        }
        let setting = Setting::new(kind, &self.scenario);
        let run = or_red(setting.run(&plan));
        let trace = format!("\nThe calls of that run\n{}", calls(&run.aftermath.trace));
        if !run.fired {
            let what = without_occasion(&plan, &run.aftermath.trace);
            self.refuse("SURVIVED", &what, &trace);
        }
        let Some(reached) = (self.reached)(&run.anomalies) else {
            let found: Vec<_> = run
                .anomalies
                .iter()
                .map(|other| format!("{}, {}", other.kind, other.what))
                .collect();
            let what = match found.is_empty() {
                true => "nothing is wrong after this run".to_owned(),
                false => format!("this is not the goal yet: {}", found.join("; ")),
            };
            self.refuse("SURVIVED", &what, &trace);
        };
        if let Some(shorter) = self.shorter(&setting, plan.len()) {
            let what = format!("{} faults, where {shorter} will do", plan.len());
            self.refuse("TOO LONG", &what, "");
        }
        let mut document = format!("{}: {}\n\n", self.function, self.goal);
        line(&mut document, "this plan causes", &reached);
        line(&mut document, "its faults", &plan.len().to_string());
        // Nobody asked a solution for the answers.
        if !self.exercise.is_reference() {
            show(&format!("{document}{trace}"));
        }
        let unlike = "the plan does what it should, but the verdict is not the expected one";
        expect_verdict(&self.exercise, self.function, &document, unlike);
    }

    /// How many faults a shorter plan needs, if there is one. One fault is tried everywhere, and no plan needs none.
    fn shorter(&self, setting: &Setting, length: usize) -> Option<usize> {
        let plain = or_red(setting.run(&[]));
        if length > 0 && (self.reached)(&plain.anomalies).is_some() {
            return Some(0);
        }
        if length < 2 {
            return None;
        }
        let lanes: Vec<_> = self
            .allowed
            .iter()
            .map(|fault| Lane {
                setting,
                plans: Plans::Every(*fault),
            })
            .collect();
        let singles = or_red(run_lanes(&lanes.iter().collect::<Vec<_>>()));
        let mut singles = singles.iter().flatten();
        if singles.any(|run| (self.reached)(&run.anomalies).is_some()) {
            return Some(1);
        }
        // Every goal of the course can be reached with two.
        (length > 2).then_some(2)
    }

    fn refuse(&self, word: &str, what: &str, more: &str) -> ! {
        let mut text = format!("{word:<11} {what}\n");
        tell(&mut text, "goal", self.goal);
        tell(&mut text, "read", &self.exercise.page());
        text.push_str(more);
        red(&text)
    }
}

/// Which fault of the plan had no occasion, and how many calls there were to strike.
fn without_occasion(plan: &[Strike], trace: &[Entry]) -> String {
    let is_struck = |entry: &&Entry| {
        entry.struck.is_some() && (entry.struck != Some(Fault::ThrottledOut) || entry.attempt == 1)
    };
    let struck = trace.iter().filter(is_struck).count();
    let last = trace.iter().rposition(|entry| entry.struck.is_some());
    let left = trace.len() - last.map_or(0, |last| last + 1);
    let Some(Strike { fault, at }) = plan.get(struck) else {
        return format!("a fault of the plan never had an occasion: {left} calls were made");
    };
    let since = match struck {
        0 => "were made",
        _ => "came after the fault before it, and the count begins again there",
    };
    format!(
        "`{}` was to strike call {at}, and {left} calls {since}",
        fault.label()
    )
}
