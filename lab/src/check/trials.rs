//! What a check tries: the runs of each line of its verdict.

use super::Check;
use crate::backend::Kind;
use crate::dice::Dice;
use crate::fault::{Fault, Strike};
use crate::harness::or_red;
use crate::matrix::{Lane, Plans, run_lanes};
use crate::run::{RACE_ORDERS, Run};
use crate::scenario::Scenario;
use crate::trace::Entry;
use crate::verdict::{OTHER_DATA, RACE, Row};

/// How many plans of two faults are tried, drawn from a seed.
const DOUBLE_FAULTS: usize = 16;

/// The label of the row of double faults.
const TWO_FAULTS: &str = "two faults in one run";

/// The lanes whose runs make one row of the verdict.
struct Trial<'a> {
    label: &'static str,
    must_happen: bool,
    lanes: Vec<Lane<'a>>,
}

impl Check {
    /// Runs everything that is to be tried beside the run without faults.
    pub(super) fn rows(&self, kind: Kind, plain: &Run) -> Vec<Row> {
        let trials = self.trials(plain.aftermath.trace.len() as u64);
        let lanes: Vec<_> = trials.iter().flat_map(|trial| &trial.lanes).collect();
        let mut runs = match plain.anomalies.is_empty() {
            true => or_red(run_lanes(kind, &lanes)),
            // What is wrong without a fault is the first thing to mend: faults would only hide it.
            false => lanes.iter().map(|_| Vec::new()).collect(),
        }
        .into_iter();
        let row = |trial: &Trial| Row {
            label: trial.label,
            must_happen: trial.must_happen,
            runs: runs.by_ref().take(trial.lanes.len()).flatten().collect(),
        };
        let mut rows: Vec<_> = trials.iter().map(row).collect();
        // The rows begin with those of the faults, in their order.
        let stale_reads = self
            .faults
            .iter()
            .position(|(fault, _)| *fault == Fault::StaleRead);
        if let Some(at) = stale_reads {
            let stale = self.lane(Plans::These(self.stale_after_faults(&rows, plain)));
            let runs = or_red(run_lanes(kind, &[&stale]));
            rows[at].runs.extend(runs.into_iter().flatten());
        }
        rows
    }

    fn lane(&self, plans: Plans) -> Lane<'_> {
        Lane {
            scenario: &self.scenario,
            plans,
        }
    }

    fn trials(&self, attempts: u64) -> Vec<Trial<'_>> {
        let mut trials = Vec::new();
        for (fault, must_happen) in &self.faults {
            let mut lanes = vec![self.lane(Plans::Every(*fault))];
            if let Some((struck, most)) = self.in_a_row
                && struck == *fault
            {
                let strike = Strike {
                    fault: struck,
                    at: 1,
                };
                lanes.push(self.lane(Plans::These(
                    (2..=most).map(|times| vec![strike; times]).collect(),
                )));
            }
            trials.push(Trial {
                label: fault.label(),
                must_happen: *must_happen,
                lanes,
            });
        }
        let mut must = |label, lanes| {
            trials.push(Trial {
                label,
                must_happen: true,
                lanes,
            });
        };
        if !self.faults.is_empty() {
            let pairs = [self.double_faults(attempts), self.pairs.clone()].concat();
            must(TWO_FAULTS, vec![self.lane(Plans::These(pairs))]);
        }
        for (label, plan) in &self.plans {
            must(label, vec![self.lane(Plans::These(vec![plan.clone()]))]);
        }
        if let Some(race) = &self.race {
            let order = |at| {
                vec![Strike {
                    fault: Fault::TwoWorkers,
                    at,
                }]
            };
            let plans = Plans::These(RACE_ORDERS.map(order).collect());
            must(
                RACE,
                vec![Lane {
                    scenario: race,
                    plans,
                }],
            );
        }
        if !self.others.is_empty() {
            must(
                OTHER_DATA,
                self.others
                    .iter()
                    .flat_map(|(other, faults)| lanes_of(other, faults))
                    .collect(),
            );
        }
        trials
    }

    /// A stale read in runs in which something else has failed before: only then do some answers read at all.
    ///
    /// `rows` begins with the row of each fault, in their order. In each run with a read that may be stale it is the first
    /// such read after the fault, and the first one that the run without faults does not make.
    fn stale_after_faults(&self, rows: &[Row], plain: &Run) -> Vec<Vec<Strike>> {
        let usual: Vec<_> = plain.aftermath.trace.iter().map(Entry::call).collect();
        let mut plans = Vec::new();
        for ((fault, _), row) in self.faults.iter().zip(rows) {
            if matches!(fault, Fault::StaleRead | Fault::TwoWorkers) {
                continue;
            }
            for run in &row.runs {
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
}

/// Other data: without a fault, and under each of `faults`.
fn lanes_of<'a>(scenario: &'a Scenario, faults: &[Fault]) -> Vec<Lane<'a>> {
    let plain = Plans::These(vec![Vec::new()]);
    let struck = faults.iter().map(|fault| Plans::Every(*fault));
    let plans = std::iter::once(plain).chain(struck);
    plans.map(|plans| Lane { scenario, plans }).collect()
}
