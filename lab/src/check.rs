//! A check: a scenario, the faults that it must survive, and a verdict that is held against a snapshot.

mod trials;

use crate::audit::AnomalyKind;
use crate::backend::Kind;
use crate::data::Data;
use crate::exercise::Exercise;
use crate::fault::{Fault, Strike};
use crate::harness::{
    OneRun, alone, expect_verdict, one_run, or_red, red, report_panic, show, task_of_stub,
};
use crate::progress;
use crate::report;
use crate::run::Run;
use crate::scenario::{Aftermath, Scenario};
use crate::snapshot;
use crate::verdict::{Budget, Judgement, Verdict};
use trials::Settings;

type Facts = Box<dyn Fn(&Aftermath) -> Vec<(String, String)>>;

/// A check of one function of an exercise.
pub struct Check {
    exercise: Exercise,
    function: &'static str,
    promise: &'static str,
    scenario: Scenario,
    faults: Vec<(Fault, bool)>,
    /// Faults that strike one run together, and what they are called.
    plans: Vec<(&'static str, Vec<Strike>)>,
    /// A fault, and how many times in a row it strikes at most.
    in_a_row: Option<(Fault, usize)>,
    /// A fault after which the next points are struck as well, and how many of them at most.
    again: Option<(Fault, usize)>,
    /// Other data, and the faults that strike there.
    others: Vec<(Scenario, Vec<OtherFault>)>,
    race: Option<Scenario>,
    permitted: Vec<AnomalyKind>,
    crash_report: Vec<String>,
    budget: Option<Budget>,
    facts: Facts,
    example: Vec<Strike>,
    together: Vec<Vec<Strike>>,
    unlike: &'static str,
}

/// A fault that strikes other data.
#[derive(Clone)]
enum OtherFault {
    /// At each point.
    Everywhere(Fault),
    /// Once.
    At(Strike),
}

impl Check {
    /// A check that `function` of `exercise` keeps `promise` in `scenario`.
    pub fn new(
        exercise: Exercise,
        function: &'static str,
        promise: &'static str,
        scenario: Scenario,
    ) -> Self {
        Check {
            exercise,
            function,
            promise,
            scenario,
            faults: Vec::new(),
            plans: Vec::new(),
            in_a_row: None,
            again: None,
            others: Vec::new(),
            race: None,
            permitted: Vec::new(),
            crash_report: Vec::new(),
            budget: None,
            facts: Box::new(|_| Vec::new()),
            example: Vec::new(),
            together: Vec::new(),
            unlike: "nothing that fails is wrong, but the verdict is not the expected one",
        }
    }

    /// Has the evidence show the calls of one more run: the SDK's own retries, a second worker.
    pub fn shows(mut self, plan: &[Strike]) -> Self {
        self.example = plan.to_vec();
        self
    }

    /// Faults in one run, one after another, that the sample of pairs may miss.
    pub fn together(mut self, plan: &[Strike]) -> Self {
        self.together.push(plan.to_vec());
        self
    }

    /// What to say to an answer that is sound, and whose verdict is not the expected one all the same.
    pub fn unlike(mut self, what: &'static str) -> Self {
        self.unlike = what;
        self
    }

    /// Faults that every right answer gives an occasion. One that never happens leaves the verdict unproven.
    pub fn under(mut self, faults: &[Fault]) -> Self {
        self.faults
            .extend(faults.iter().map(|fault| (*fault, true)));
        self
    }

    /// Faults that some right answers give no occasion: an answer that reads nothing has no stale read.
    pub fn under_if_met(mut self, faults: &[Fault]) -> Self {
        self.faults
            .extend(faults.iter().map(|fault| (*fault, false)));
        self
    }

    /// Faults that strike one run one after another, to which every right answer gives an occasion. `label` is their line in
    /// the verdict.
    pub fn under_plan(mut self, label: &'static str, plan: &[Strike]) -> Self {
        self.plans.push((label, plan.to_vec()));
        self
    }

    /// One of these faults up to so many times in a row, too: whatever it strikes may still be struck when it is tried again.
    pub fn in_a_row(mut self, fault: Fault, most: usize) -> Self {
        self.in_a_row = Some((fault, most));
        self
    }

    /// Wherever one of these faults strikes, it strikes the next points too, one or more of them and at most so many: who
    /// gives up after a few tries is seen.
    pub fn again(mut self, fault: Fault, most: usize) -> Self {
        self.again = Some((fault, most));
        self
    }

    /// Anomalies that a fault may cause without breaking the promise. Without a fault nothing is permitted.
    pub fn permits(mut self, anomalies: &[AnomalyKind]) -> Self {
        self.permitted.extend(anomalies);
        self
    }

    /// Has the verdict say which of these events some crash loses, and which some crash repeats.
    pub fn tells_what_crashes_do(mut self, event_ids: &[&str]) -> Self {
        self.crash_report = event_ids.iter().map(|id| (*id).to_owned()).collect();
        self
    }

    /// The same work on other data: run without a fault, and crashed before and after every call.
    pub fn also(self, others: impl IntoIterator<Item = Scenario>) -> Self {
        self.also_under(&[Fault::CrashBefore, Fault::CrashAfter], others)
    }

    /// The same work on other data, so long that to crash it everywhere would take minutes: run without a fault only.
    pub fn also_once(self, others: impl IntoIterator<Item = Scenario>) -> Self {
        self.also_under(&[], others)
    }

    /// The same work on other data: run without a fault, and under these faults only.
    pub fn also_under(
        mut self,
        faults: &[Fault],
        others: impl IntoIterator<Item = Scenario>,
    ) -> Self {
        let faults: Vec<_> = faults.iter().copied().map(OtherFault::Everywhere).collect();
        let others = others.into_iter().map(|other| (other, faults.clone()));
        self.others.extend(others);
        self
    }

    /// The same work on so much data that to strike it everywhere would take long: run without a fault, and struck at these
    /// points only.
    pub fn also_at(mut self, strikes: &[Strike], other: Scenario) -> Self {
        let strikes = strikes.iter().copied().map(OtherFault::At).collect();
        self.others.push((other, strikes));
        self
    }

    /// Work so short that two workers who do it at once meet in most of its orders.
    pub fn race(mut self, race: Scenario) -> Self {
        self.race = Some(race);
        self
    }

    /// The most that a run without faults may cost.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// What the verdict says about a run without faults: label and text of each line.
    pub fn facts(mut self, facts: impl Fn(&Aftermath) -> Vec<(String, String)> + 'static) -> Self {
        self.facts = Box::new(facts);
        self
    }

    /// Runs everything, tells what came of it, and fails unless the verdict is sound and as expected.
    pub fn judge(self) {
        let _alone = alone(self.function);
        let kind = or_red(Kind::from_env());
        let settings = self.settings(kind);
        match one_run(self.function) {
            Some(OneRun::OfAnother) => return,
            Some(OneRun::Own(data, plan)) => return self.repeat(&settings, data, &plan),
            None => {}
        }
        progress::begins(&self.exercise, self.function);
        let plain = or_red(settings.scenario.run(&[]));
        if let Some(panic) = &plain.panic {
            report_panic(&self.exercise, self.function, panic);
        }
        let verdict = self.verdict(&settings, plain);
        self.conclude(&settings, &verdict);
    }

    /// Repeats one run, and shows it whole.
    fn repeat(&self, settings: &Settings, data: Data, plan: &str) {
        let setting = settings.with(data).unwrap_or_else(|| {
            red(&format!(
                "The check of `{}` has no data `{data}`: repeat a run by the command that its report names.",
                self.function
            ))
        });
        let strikes: Result<Vec<Strike>, String> = plan
            .split('+')
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect();
        let strikes = strikes.unwrap_or_else(|error| red(&error));
        let run = or_red(setting.run(&strikes));
        if let Some(panic) = &run.panic
            && task_of_stub(panic).is_some()
        {
            report_panic(&self.exercise, self.function, panic);
        }
        let mut text = format!(
            "{}, {}{}\n\nThe calls\n",
            self.title(),
            if plan.is_empty() { "no fault" } else { plan },
            match data {
                Data::Usual => "",
                _ => ", with other data than usual",
            }
        );
        text.push_str(&report::calls(&run.aftermath.trace));
        if !run.fired {
            text.push_str(&format!(
                "\nUNPROVEN    this fault had no occasion in this run of {} calls\n",
                run.aftermath.trace.len()
            ));
            red(&text);
        }
        let permitted = |kind| !strikes.is_empty() && self.permitted.contains(&kind);
        for anomaly in &run.anomalies {
            let note = if permitted(anomaly.kind) {
                " (permitted here)"
            } else {
                ""
            };
            text.push_str(&format!(
                "\n{:<11} {}{note}\n",
                anomaly.kind.to_string(),
                anomaly.what
            ));
        }
        if run.anomalies.iter().any(|anomaly| !permitted(anomaly.kind)) {
            red(&text);
        }
        text.push_str("\nThis run is sound.\n");
        show(&text);
    }

    fn title(&self) -> String {
        format!("{}: {}", self.function, self.promise)
    }

    fn verdict(&self, settings: &Settings, plain: Run) -> Verdict {
        let mut verdict = Verdict {
            title: self.title(),
            permitted: self.permitted.clone(),
            rows: self.rows(settings, &plain),
            facts: (self.facts)(&plain.aftermath),
            budget: self.budget,
            plain,
        };
        self.add_crash_report(&mut verdict);
        verdict
    }

    fn add_crash_report(&self, verdict: &mut Verdict) {
        if self.crash_report.is_empty() {
            return;
        }
        let known: Vec<_> = self.crash_report.iter().map(String::as_str).collect();
        let crashes = [Fault::CrashBefore.label(), Fault::CrashAfter.label()];
        for (label, kind) in [
            ("some crash loses", AnomalyKind::Lost),
            ("some crash repeats", AnomalyKind::Duplicate),
        ] {
            let events = verdict.events_with(kind, &crashes, &known);
            let events = if events.is_empty() {
                "nothing".to_owned()
            } else {
                events.join(" ")
            };
            verdict.facts.push((label.to_owned(), events));
        }
    }

    fn conclude(&self, settings: &Settings, verdict: &Verdict) {
        let document = report::verdict(verdict);
        let mut evidence = report::evidence(verdict);
        if !self.example.is_empty() && verdict.plain.anomalies.is_empty() {
            let example = or_red(settings.scenario.run(&self.example));
            evidence.push_str(&report::example(&example));
        }
        let judgement = verdict.judgement();
        if judgement != Judgement::Sound {
            let page = self.exercise.page();
            let mut text;
            if let Some(violation) = verdict.first_violation() {
                let checks = snapshot::checks_in(&self.exercise.snapshots());
                let again = report::Again {
                    slug: self.exercise.slug(),
                    only: (checks.len() > 1).then_some(self.function),
                };
                text = report::story(&violation, &verdict.plain.aftermath.trace, &again, &page);
                text.push('\n');
                text.push_str(&match verdict.plain.anomalies.is_empty() {
                    true => report::cells(verdict),
                    false => {
                        "No fault was tried: a run without one has to be right first.\n".to_owned()
                    }
                });
            } else if judgement == Judgement::Unproven {
                text = "UNPROVEN    a fault that this check needs never had an occasion: see the line below\n\n".to_owned();
                text.push_str(&evidence);
                text.push('\n');
                text.push_str(&self.difference(&document).unwrap_or_default());
            } else {
                text = report::over_budget(verdict, &page);
                text.push('\n');
                text.push_str(&evidence);
            }
            red(&text);
        }
        if self.exercise.is_reference() {
            snapshot::assert(
                &self.exercise,
                &format!("{}.evidence", self.function),
                &evidence,
            );
        } else {
            show(&evidence);
        }
        expect_verdict(&self.exercise, self.function, &document, self.unlike);
    }

    fn difference(&self, document: &str) -> Option<String> {
        snapshot::difference(
            &self.exercise,
            &snapshot::verdict_name(self.function),
            document,
        )
    }
}
