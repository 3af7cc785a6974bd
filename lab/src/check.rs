//! A check: a scenario, the faults that it must survive, and a verdict that is held against a snapshot.

use crate::audit::AnomalyKind;
use crate::backend::Kind;
use crate::dice::Dice;
use crate::exercise::Exercise;
use crate::fault::{Fault, Strike};
use crate::guard;
use crate::matrix::{Lane, Plans, run_lanes};
use crate::progress;
use crate::report;
use crate::run::{RACE_ORDERS, Run, run};
use crate::scenario::{Aftermath, Scenario};
use crate::snapshot;
use crate::trace::Entry;
use crate::verdict::{Budget, Judgement, OTHER_DATA, RACE, Row, Verdict};
use std::io::Write;
use std::sync::{Mutex, MutexGuard, Once};

/// How many plans of two faults are tried, drawn from a seed.
const DOUBLE_FAULTS: usize = 16;

/// The label of the row of double faults.
const TWO_FAULTS: &str = "two faults in one run";

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
    /// Other data, and the faults that strike there.
    others: Vec<(Scenario, Vec<Fault>)>,
    race: Option<Scenario>,
    permitted: Vec<AnomalyKind>,
    crash_report: Vec<String>,
    budget: Option<Budget>,
    facts: Facts,
    example: Vec<Strike>,
    pairs: Vec<Vec<Strike>>,
    unlike: &'static str,
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
            others: Vec::new(),
            race: None,
            permitted: Vec::new(),
            crash_report: Vec::new(),
            budget: None,
            facts: Box::new(|_| Vec::new()),
            example: Vec::new(),
            pairs: Vec::new(),
            unlike: "nothing that fails is wrong, but the verdict is not the expected one",
        }
    }

    /// Has the evidence show the calls of one more run: the SDK's own retries, a second worker.
    pub fn shows(mut self, plan: &[Strike]) -> Self {
        self.example = plan.to_vec();
        self
    }

    /// Two faults in one run that the sample of such pairs may miss.
    pub fn pair(mut self, first: Strike, second: Strike) -> Self {
        self.pairs.push(vec![first, second]);
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
        let others = others.into_iter().map(|other| (other, faults.to_vec()));
        self.others.extend(others);
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
        let kind = Kind::from_env().unwrap_or_else(|error| red(&error.to_string()));
        if let Ok(plan) = std::env::var("LAB_FAULT") {
            return self.repeat(kind, &plan);
        }
        progress::begins(&self.exercise, self.function);
        let plain = self.run(kind, &self.scenario, &[]);
        if let Some(panic) = &plain.panic {
            report_panic(&self.exercise, self.function, panic);
        }
        let verdict = self.verdict(kind, plain);
        self.conclude(kind, &verdict);
    }

    fn run(&self, kind: Kind, scenario: &Scenario, plan: &[Strike]) -> Run {
        run(kind, scenario, plan).unwrap_or_else(|error| red(&error.to_string()))
    }

    /// Repeats one run, and shows it whole.
    fn repeat(&self, kind: Kind, plan: &str) {
        let strikes: Result<Vec<Strike>, String> = plan
            .split('+')
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect();
        let strikes = strikes.unwrap_or_else(|error| red(&error));
        let run = self.run(kind, &self.scenario, &strikes);
        if let Some(panic) = &run.panic
            && task_of_stub(panic).is_some()
        {
            report_panic(&self.exercise, self.function, panic);
        }
        let mut text = format!(
            "{}, {}\n\nThe calls\n",
            self.title(),
            if plan.is_empty() { "no fault" } else { plan }
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

    fn verdict(&self, kind: Kind, plain: Run) -> Verdict {
        let attempts = plain.aftermath.trace.len() as u64;
        let broken = !plain.anomalies.is_empty();
        let mut lanes = Vec::new();
        for (fault, _) in &self.faults {
            lanes.push(Lane {
                scenario: &self.scenario,
                plans: Plans::Every(*fault),
            });
        }
        lanes.push(Lane {
            scenario: &self.scenario,
            plans: Plans::These([self.double_faults(attempts), self.pairs.clone()].concat()),
        });
        for (_, plan) in &self.plans {
            lanes.push(Lane {
                scenario: &self.scenario,
                plans: Plans::These(vec![plan.clone()]),
            });
        }
        if let Some(race) = &self.race {
            let order = |at| Strike {
                fault: Fault::TwoWorkers,
                at,
            };
            lanes.push(Lane {
                scenario: race,
                plans: Plans::These(RACE_ORDERS.map(|at| vec![order(at)]).collect()),
            });
        }
        for (other, faults) in &self.others {
            lanes.push(Lane {
                scenario: other,
                plans: Plans::These(vec![Vec::new()]),
            });
            for fault in faults {
                lanes.push(Lane {
                    scenario: other,
                    plans: Plans::Every(*fault),
                });
            }
        }
        if let Some((fault, most)) = self.in_a_row {
            let plan = |times| vec![Strike { fault, at: 1 }; times];
            lanes.push(Lane {
                scenario: &self.scenario,
                plans: Plans::These((2..=most).map(plan).collect()),
            });
        }
        // What is wrong without a fault is the first thing to mend: faults would only hide it.
        let mut results = match broken {
            true => lanes.iter().map(|_| Vec::new()).collect(),
            false => run_lanes(kind, &lanes).unwrap_or_else(|error| red(&error.to_string())),
        };
        let in_a_row = self
            .in_a_row
            .and_then(|(fault, _)| Some((fault, results.pop()?)));
        let stale = self.stale_after_faults(&results, &plain);
        let stale = Lane {
            scenario: &self.scenario,
            plans: Plans::These(stale),
        };
        let mut stale = run_lanes(kind, &[stale]).unwrap_or_else(|error| red(&error.to_string()));
        let mut results = results.into_iter();
        let mut rows: Vec<Row> = Vec::new();
        for (fault, must_happen) in &self.faults {
            let mut runs = results.next().unwrap_or_default();
            if *fault == Fault::StaleRead {
                runs.extend(stale.pop().unwrap_or_default());
            }
            if let Some((_, more)) = in_a_row.as_ref().filter(|(struck, _)| struck == fault) {
                runs.extend(more.iter().cloned());
            }
            rows.push(Row {
                label: fault.label().to_owned(),
                must_happen: *must_happen,
                runs,
            });
        }
        let runs = results.next().unwrap_or_default();
        if !self.faults.is_empty() {
            rows.push(Row {
                label: TWO_FAULTS.to_owned(),
                must_happen: true,
                runs,
            });
        }
        for (label, _) in &self.plans {
            rows.push(Row {
                label: (*label).to_owned(),
                must_happen: true,
                runs: results.next().unwrap_or_default(),
            });
        }
        if self.race.is_some() {
            rows.push(Row {
                label: RACE.to_owned(),
                must_happen: true,
                runs: results.next().unwrap_or_default(),
            });
        }
        if !self.others.is_empty() {
            rows.push(Row {
                label: OTHER_DATA.to_owned(),
                must_happen: true,
                runs: results.flatten().collect(),
            });
        }
        let mut verdict = Verdict {
            title: self.title(),
            permitted: self.permitted.clone(),
            rows,
            facts: (self.facts)(&plain.aftermath),
            budget: self.budget,
            plain,
        };
        self.add_crash_report(&mut verdict);
        verdict
    }

    /// A stale read in runs in which something else has failed before: only then do some answers read at all.
    ///
    /// `results` has the runs of each fault, in their order. In each run with a read that may be stale it is the first
    /// such read after the fault, and the first one that the run without faults does not make.
    fn stale_after_faults(&self, results: &[Vec<Run>], plain: &Run) -> Vec<Vec<Strike>> {
        let is_listed = |fault| self.faults.iter().any(|(known, _)| *known == fault);
        if !is_listed(Fault::StaleRead) {
            return Vec::new();
        }
        let usual: Vec<_> = plain.aftermath.trace.iter().map(Entry::call).collect();
        let mut plans = Vec::new();
        for ((fault, _), runs) in self.faults.iter().zip(results) {
            if matches!(fault, Fault::StaleRead | Fault::TwoWorkers) {
                continue;
            }
            for run in runs {
                let trace = &run.aftermath.trace;
                let struck = trace.iter().rposition(|entry| entry.struck.is_some());
                let after = struck.map_or(trace.as_slice(), |at| &trace[at + 1..]);
                let reads: Vec<_> = after.iter().filter(|entry| entry.may_be_stale).collect();
                let unusual = reads.iter().position(|read| !usual.contains(&read.call()));
                let first = (!reads.is_empty()).then_some(0);
                for at in first.into_iter().chain(unusual.filter(|at| *at > 0)) {
                    let mut plan = run.plan.clone();
                    plan.push(Strike {
                        fault: Fault::StaleRead,
                        at: at as u32 + 1,
                    });
                    plans.push(plan);
                }
            }
        }
        plans
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

    /// A sample of plans of two faults: most bugs that only two faults show are shown by some pair of these.
    fn double_faults(&self, attempts: u64) -> Vec<Vec<Strike>> {
        const FIRST: [Fault; 5] = [
            Fault::CrashBefore,
            Fault::CrashAfter,
            Fault::LostResponse,
            Fault::ThrottledOut,
            Fault::Conflict,
        ];
        let listed = |fault: &Fault| self.faults.iter().any(|(known, _)| known == fault);
        let kinds: Vec<_> = FIRST.into_iter().filter(listed).collect();
        if kinds.is_empty() || attempts == 0 {
            return Vec::new();
        }
        let mut dice = Dice::new(2);
        let mut strike = || Strike {
            fault: kinds[dice.below(kinds.len() as u64) as usize],
            at: 1 + dice.below(attempts) as u32,
        };
        (0..DOUBLE_FAULTS)
            .map(|_| vec![strike(), strike()])
            .collect()
    }

    fn conclude(&self, kind: Kind, verdict: &Verdict) {
        let document = report::verdict(verdict);
        let mut evidence = report::evidence(verdict);
        if !self.example.is_empty() && verdict.plain.anomalies.is_empty() {
            evidence.push_str(&report::example(&self.run(
                kind,
                &self.scenario,
                &self.example,
            )));
        }
        let judgement = verdict.judgement();
        if judgement != Judgement::Sound {
            let (slug, page) = (self.exercise.slug(), self.exercise.page());
            let mut text;
            if let Some(violation) = verdict.first_violation() {
                text = report::story(&violation, &verdict.plain.aftermath.trace, slug, &page);
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
        snapshot::difference(&self.exercise, &verdict_name(self.function), document)
    }
}

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

/// The snapshot of the verdict on a function.
fn verdict_name(function: &str) -> String {
    format!("{function}.verdict")
}

/// Ends the test red unless `document` is as the snapshot of the function's verdict says. `unlike` says what that means.
pub(crate) fn expect_verdict(exercise: &Exercise, function: &str, document: &str, unlike: &str) {
    if let Err(difference) = snapshot::compare(exercise, &verdict_name(function), document) {
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
            let mut text = format!("`{}` is still todo!(): {task}", function);
            SAID.call_once(|| {
                text.push_str(&format!(
                    "\nThis is how every exercise begins. Its page: {}. \
                     Stuck? cargo course hint {}",
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
