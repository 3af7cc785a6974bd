//! What a check has found: sound, unsound or unproven, for each kind of fault and for the whole.

use crate::audit::{Anomaly, AnomalyKind};
use crate::cost::Cost;
use crate::data::Data;
use crate::fault::{Fault, Strike};
use crate::run::Run;
use crate::scenario::Aftermath;

/// The three values of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing went wrong, and the fault did happen.
    Sound,
    /// Something went wrong.
    Unsound,
    /// A fault that should have happened never did. Never green.
    Unproven,
}

/// The label of the row of other data.
pub(crate) const OTHER_DATA: &str = "other data, crashed";

/// The label of the row of races.
pub(crate) const RACE: &str = "two workers, one event each";

/// One line of a verdict: a kind of fault, at every point.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: &'static str,
    /// Whether the answer must give this fault an occasion.
    pub(crate) must_happen: bool,
    pub(crate) runs: Vec<Run>,
}

impl Row {
    /// The runs in which something went wrong that the check does not permit.
    fn violations(&self, permitted: &[AnomalyKind]) -> impl Iterator<Item = Violation<'_>> {
        self.runs
            .iter()
            .filter_map(move |run| Some(Violation::of(run, forbidden(run, permitted)?)))
    }

    pub(crate) fn judgement(&self, permitted: &[AnomalyKind]) -> Judgement {
        if self.violations(permitted).next().is_some() {
            Judgement::Unsound
        } else if self.must_happen && self.runs.is_empty() {
            Judgement::Unproven
        } else {
            Judgement::Sound
        }
    }
}

fn forbidden<'a>(run: &'a Run, permitted: &[AnomalyKind]) -> Option<&'a Anomaly> {
    // Where nothing fails nothing is permitted, and a worker that starts again after the end is no failure.
    let failed = run
        .plan
        .iter()
        .any(|strike| strike.fault != Fault::Redelivered);
    let permitted = if failed { permitted } else { &[] };
    run.anomalies
        .iter()
        .find(|anomaly| !permitted.contains(&anomaly.kind))
}

/// The most that a run without faults may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// What the amounts below are for: `delivery`.
    pub per: &'static str,
    /// How many of those a run has.
    pub count: u32,
    /// Attempts for each.
    pub calls: u32,
    /// Read and write capacity units for each.
    pub capacity_units: u32,
}

impl Budget {
    pub(crate) fn holds(&self, cost: Cost) -> bool {
        cost.attempts <= self.calls * self.count
            && cost.half_units() <= 2 * self.capacity_units * self.count
    }
}

/// What a check has found.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) title: String,
    pub(crate) permitted: Vec<AnomalyKind>,
    pub(crate) rows: Vec<Row>,
    /// Further lines: label and text.
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) budget: Option<Budget>,
    /// The run without faults.
    pub(crate) plain: Run,
}

/// Something that is wrong, and the run in which it is.
pub(crate) struct Violation<'a> {
    pub(crate) data: Data,
    pub(crate) plan: &'a [Strike],
    pub(crate) anomaly: &'a Anomaly,
    pub(crate) aftermath: &'a Aftermath,
}

impl<'a> Violation<'a> {
    fn of(run: &'a Run, anomaly: &'a Anomaly) -> Self {
        Violation {
            data: run.data,
            plan: &run.plan,
            anomaly,
            aftermath: &run.aftermath,
        }
    }
}

impl Verdict {
    pub(crate) fn judgement(&self) -> Judgement {
        let mut rows = self.rows.iter().map(|row| row.judgement(&self.permitted));
        // A row is unsound where one of its runs is: the first violation is in it.
        if self.first_violation().is_some() || !self.within_budget() {
            Judgement::Unsound
        } else if rows.any(|row| row == Judgement::Unproven) {
            Judgement::Unproven
        } else {
            Judgement::Sound
        }
    }

    pub(crate) fn within_budget(&self) -> bool {
        self.budget
            .is_none_or(|budget| budget.holds(self.plain.cost))
    }

    /// The simplest violation: one without a fault before one with a fault, an early point before a late one.
    pub(crate) fn first_violation(&self) -> Option<Violation<'_>> {
        // Without a fault nothing is permitted.
        let plain = self.plain.anomalies.first();
        let plain = plain.map(|anomaly| Violation::of(&self.plain, anomaly));
        plain.or_else(|| {
            let mut rows = self.rows.iter();
            rows.find_map(|row| row.violations(&self.permitted).next())
        })
    }

    /// The events, out of `known`, that some run of a row suffers `kind` with.
    pub(crate) fn events_with(
        &self,
        kind: AnomalyKind,
        labels: &[&str],
        known: &[&str],
    ) -> Vec<String> {
        let hit = |id: &&&str| {
            self.rows
                .iter()
                .filter(|row| labels.contains(&row.label))
                .flat_map(|row| &row.runs)
                .flat_map(|run| &run.anomalies)
                .any(|anomaly| anomaly.kind == kind && anomaly.event_id.as_deref() == Some(**id))
        };
        known
            .iter()
            .filter(hit)
            .map(|id| (*id).to_owned())
            .collect()
    }
}

impl Row {
    /// Wrong runs and all runs.
    pub(crate) fn cells(&self, permitted: &[AnomalyKind]) -> (usize, usize) {
        (self.violations(permitted).count(), self.runs.len())
    }
}
