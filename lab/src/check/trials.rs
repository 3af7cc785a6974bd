//! What a check tries: the runs of each line of its verdict.

use super::{Check, OtherFault};
use crate::backend::Kind;
use crate::data::Data;
use crate::dice::Dice;
use crate::fault::{DRAWN_ORDERS, Fault, Strike};
use crate::harness::or_red;
use crate::matrix::{Lane, Plans, run_lanes};
use crate::run::{RACE_ORDERS, Run};
use crate::setting::Setting;
use crate::trace::Entry;
use crate::verdict::{OTHER_DATA, RACE, Row};

/// How many plans of two faults are tried, drawn from a seed.
const DOUBLE_FAULTS: usize = 16;

/// The label of the row of double faults.
const TWO_FAULTS: &str = "two faults in one run";

/// Where the runs of a check begin.
pub(super) struct Settings<'a> {
    /// The scenario that the check is about.
    pub(super) scenario: Setting<'a>,
    race: Option<Setting<'a>>,
    /// Other data, and the faults that strike there.
    others: Vec<(Setting<'a>, &'a [OtherFault])>,
}

impl<'a> Settings<'a> {
    /// Where runs with these data begin, if the check has such.
    pub(super) fn with(&self, data: Data) -> Option<&Setting<'a>> {
        match data {
            Data::Usual => Some(&self.scenario),
            Data::Race => self.race.as_ref(),
            Data::Other(number) => self.others.get(number - 1).map(|(other, _)| other),
        }
    }
}

/// The lanes whose runs make one row of the verdict.
struct Trial<'a> {
    label: &'static str,
    must_happen: bool,
    lanes: Vec<Lane<'a>>,
}

impl Check {
    /// All that the check runs, on one backend.
    pub(super) fn settings(&self, kind: Kind) -> Settings<'_> {
        let setting = |scenario, data| Setting::new(kind, scenario).with(data);
        let others = (1..).map(Data::Other).zip(&self.others);
        Settings {
            scenario: setting(&self.scenario, Data::Usual),
            race: self.race.as_ref().map(|race| setting(race, Data::Race)),
            others: others
                .map(|(data, (other, faults))| (setting(other, data), faults.as_slice()))
                .collect(),
        }
    }

    /// Runs everything that is to be tried beside the run without faults.
    pub(super) fn rows(&self, settings: &Settings, plain: &Run) -> Vec<Row> {
        let trials = self.trials(settings, plain.aftermath.trace.len() as u64);
        let lanes: Vec<_> = trials.iter().flat_map(|trial| &trial.lanes).collect();
        let mut runs = match plain.anomalies.is_empty() {
            true => or_red(run_lanes(&lanes)),
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
        let mut late = Vec::new();
        for fault in [Fault::StaleRead, Fault::Unprocessed] {
            if let Some(at) = self.row_of(fault) {
                late.push((at, self.after_other_faults(fault, &rows, plain)));
            }
        }
        let pairs = rows.iter().position(|row| row.label == TWO_FAULTS);
        if let (Some(conflicts), Some(at)) = (self.row_of(Fault::Conflict), pairs) {
            late.push((at, after_conflicts(&rows[conflicts])));
        }
        if let Some((fault, most)) = self.again
            && let Some(at) = self.row_of(fault)
        {
            late.push((at, struck_again(&rows[at], fault, most)));
        }
        let (at, lanes): (Vec<usize>, Vec<Lane>) = late
            .into_iter()
            .map(|(at, plans)| {
                let setting = &settings.scenario;
                let plans = Plans::These(plans);
                (at, Lane { setting, plans })
            })
            .unzip();
        let runs = or_red(run_lanes(&lanes.iter().collect::<Vec<_>>()));
        for (at, runs) in at.into_iter().zip(runs) {
            rows[at].runs.extend(runs);
        }
        rows
    }

    /// Which row is that of a fault, if it is tried: the rows begin with those of the faults, in their order.
    fn row_of(&self, fault: Fault) -> Option<usize> {
        self.faults.iter().position(|(known, _)| *known == fault)
    }

    fn trials<'a>(&self, settings: &'a Settings, attempts: u64) -> Vec<Trial<'a>> {
        let lane = |plans| Lane {
            setting: &settings.scenario,
            plans,
        };
        let mut trials = Vec::new();
        for (fault, must_happen) in &self.faults {
            let mut lanes = vec![lane(Plans::Every(*fault))];
            if let Some((struck, most)) = self.in_a_row
                && struck == *fault
            {
                // Each time at the first point, or the first time at the second one.
                let plans = (2..=most).flat_map(|times| {
                    let first = vec![struck.at(1); times];
                    let second = [&[struck.at(2)], &first[1..]].concat();
                    [first, second]
                });
                lanes.push(lane(Plans::These(plans.collect())));
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
            let plans = [self.double_faults(attempts), self.together.clone()].concat();
            must(TWO_FAULTS, vec![lane(Plans::These(plans))]);
        }
        for (label, plan) in &self.plans {
            must(label, vec![lane(Plans::These(vec![plan.clone()]))]);
        }
        if let Some(race) = &settings.race {
            let order = |at| vec![Fault::TwoWorkers.at(at)];
            let struck = (1..=DRAWN_ORDERS).filter_map(|at| {
                // Who is refused, or hears nothing, tries again, and meets what the other one has done meanwhile.
                let fault = [Fault::Throttled, Fault::LostResponse][at as usize % 2];
                let strike = fault.at(1 + at % 3);
                let is_tried = self.row_of(fault).is_some();
                is_tried.then(|| [order(at), vec![strike]].concat())
            });
            let plans = Plans::These(RACE_ORDERS.map(order).chain(struck).collect());
            must(
                RACE,
                vec![Lane {
                    setting: race,
                    plans,
                }],
            );
        }
        if !settings.others.is_empty() {
            must(
                OTHER_DATA,
                settings
                    .others
                    .iter()
                    .flat_map(|(other, faults)| lanes_of(other, faults))
                    .collect(),
            );
        }
        trials
    }

    /// `fault` in runs in which something has failed before: only then do some answers read at all, or come to a batch.
    ///
    /// `rows` begins with the row of each fault, in their order. In each run with a call that `fault` can strike it is the
    /// first such call after the earlier fault, and the first one that the run without faults does not make.
    fn after_other_faults(&self, fault: Fault, rows: &[Row], plain: &Run) -> Vec<Vec<Strike>> {
        let usual: Vec<_> = plain.aftermath.trace.iter().map(Entry::call).collect();
        let may_strike = |entry: &&Entry| match fault {
            Fault::StaleRead => entry.may_be_stale,
            _ => entry.may_be_in_part,
        };
        let mut plans = Vec::new();
        for ((before, _), row) in self.faults.iter().zip(rows) {
            if *before == Fault::TwoWorkers {
                continue;
            }
            for run in &row.runs {
                let trace = &run.aftermath.trace;
                let struck = trace.iter().rposition(|entry| entry.struck.is_some());
                let after = struck.map_or(trace.as_slice(), |at| &trace[at + 1..]);
                let calls: Vec<_> = after.iter().filter(may_strike).collect();
                let unusual = calls.iter().position(|call| !usual.contains(&call.call()));
                let first = (!calls.is_empty()).then_some(0);
                for at in first.into_iter().chain(unusual.filter(|at| *at > 0)) {
                    let at = at as u32 + 1;
                    plans.push([run.plan.as_slice(), &[fault.at(at)]].concat());
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
        let is_tried = |fault: &Fault| self.row_of(*fault).is_some();
        let kinds: Vec<_> = FIRST.into_iter().filter(is_tried).collect();
        if kinds.is_empty() || attempts == 0 {
            return Vec::new();
        }
        let mut dice = Dice::new(2);
        let mut strike = || {
            let fault = kinds[dice.below(kinds.len() as u64) as usize];
            fault.at(1 + dice.below(attempts) as u32)
        };
        (0..DOUBLE_FAULTS)
            .map(|_| vec![strike(), strike()])
            .collect()
    }
}

/// A second fault on the way on which a first conflict has led: once more a conflict, and a crash after the next call.
fn after_conflicts(conflicts: &Row) -> Vec<Vec<Strike>> {
    let struck = |run: &Run| {
        let mut trace = run.aftermath.trace.iter();
        trace.position(|entry| entry.struck.is_some())
    };
    // One of each call's: its other actions lead the same way, or are among the pairs that are drawn.
    let calls = conflicts
        .runs
        .chunk_by(|one, next| struck(one) == struck(next));
    calls
        .filter_map(|call| call.first())
        .flat_map(|run| {
            [Fault::Conflict, Fault::CrashAfter]
                .map(|fault| [run.plan.as_slice(), &[fault.at(1)]].concat())
        })
        .collect()
}

/// The same faults, and after each the next points, of which there are `most` or fewer. Their number changes with every second
/// run: many answers make two calls in turns, and each of these has to meet both.
fn struck_again(row: &Row, fault: Fault, most: usize) -> Vec<Vec<Strike>> {
    let runs = row.runs.iter().enumerate();
    runs.map(|(index, run)| {
        let next = vec![fault.at(1); 1 + index / 2 % most];
        [run.plan.as_slice(), &next].concat()
    })
    .collect()
}

/// Other data: without a fault, and under each of `faults`.
fn lanes_of<'a>(setting: &'a Setting, faults: &[OtherFault]) -> Vec<Lane<'a>> {
    let plain = Plans::These(vec![Vec::new()]);
    let struck = faults.iter().map(|fault| match fault {
        OtherFault::Everywhere(fault) => Plans::Every(*fault),
        OtherFault::At(strike) => Plans::These(vec![vec![*strike]]),
    });
    let plans = std::iter::once(plain).chain(struck);
    plans.map(|plans| Lane { setting, plans }).collect()
}
