//! The crash matrix: every kind of fault at every point at which it has a meaning.

use crate::backend::BackendError;
use crate::fault::{Fault, Strike};
use crate::locked::locked;
use crate::run::Run;
use crate::setting::Setting;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A row of runs: a scenario under plan 1, 2, 3 and so on.
pub(crate) struct Lane<'a> {
    pub(crate) setting: &'a Setting<'a>,
    pub(crate) plans: Plans,
}

/// The plans of a lane.
pub(crate) enum Plans {
    /// One fault, at point 1, 2, 3 … until it no longer happens.
    ///
    /// The end is not taken from one recorded run: a right answer that walks a `HashMap`
    /// makes its calls in another order each time.
    Every(Fault),
    /// These. One that does not happen is left out.
    These(Vec<Vec<Strike>>),
}

impl Plans {
    fn get(&self, index: u32) -> Option<Vec<Strike>> {
        match self {
            Plans::Every(fault) => match fault.whole_run_points() {
                Some(last) if index >= last => None,
                _ => Some(vec![fault.at(index + 1)]),
            },
            Plans::These(plans) => plans.get(index as usize).cloned(),
        }
    }

    /// Whether it is one run, without a fault.
    fn is_plain(&self) -> bool {
        matches!(self, Plans::These(plans) if plans.len() == 1 && plans[0].is_empty())
    }

    /// Whether nothing comes after a plan that did not happen.
    fn ends_where_nothing_happens(&self) -> bool {
        matches!(self, Plans::Every(_))
    }
}

/// Runs all lanes on all cores. Gives the runs of each lane in the order of their plans.
pub(crate) fn run_lanes(lanes: &[&Lane]) -> Result<Vec<Vec<Run>>, BackendError> {
    let plain = (0..lanes.len()).filter(|lane| lanes[*lane].plans.is_plain());
    let queue = Mutex::new(Queue {
        plain: plain.collect(),
        next: vec![0; lanes.len()],
        end: vec![u32::MAX; lanes.len()],
        turn: 0,
        done: BTreeMap::new(),
        failure: None,
    });
    let workers = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .min(8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    // The lock must not be held while the run goes on: hence no `while let`.
                    let Some((lane, index, plan)) = locked(&queue).take(lanes) else {
                        break;
                    };
                    let result = lanes[lane].setting.run(&plan);
                    let mut queue = locked(&queue);
                    match result {
                        Ok(run) if run.fired => {
                            queue.done.insert((lane, index), run);
                        }
                        Ok(_) if lanes[lane].plans.ends_where_nothing_happens() => {
                            queue.end[lane] = queue.end[lane].min(index);
                        }
                        Ok(_) => {}
                        Err(error) => queue.failure = Some(error),
                    }
                }
            });
        }
    });
    let Queue {
        end, done, failure, ..
    } = queue.into_inner().expect("workers do not panic");
    if let Some(error) = failure {
        return Err(error);
    }
    let mut rows: Vec<Vec<Run>> = lanes.iter().map(|_| Vec::new()).collect();
    for ((lane, index), run) in done {
        // Another core may have run ahead of the end.
        if index < end[lane] {
            rows[lane].push(run);
        }
    }
    Ok(rows)
}

struct Queue {
    /// The lanes that are one run without a fault. They come first: the runs with a fault on the same data ask much of what
    /// these have asked already.
    plain: Vec<usize>,
    next: Vec<u32>,
    end: Vec<u32>,
    turn: usize,
    done: BTreeMap<(usize, u32), Run>,
    failure: Option<BackendError>,
}

impl Queue {
    /// The next run, lane by lane in turns: so that few runs are started beyond a lane's end.
    fn take(&mut self, lanes: &[&Lane]) -> Option<(usize, u32, Vec<Strike>)> {
        if self.failure.is_some() {
            return None;
        }
        if let Some(lane) = self.plain.pop() {
            self.next[lane] = 1;
            return Some((lane, 0, Vec::new()));
        }
        for _ in 0..lanes.len() {
            let lane = self.turn % lanes.len();
            self.turn += 1;
            let index = self.next[lane];
            if index < self.end[lane]
                && let Some(plan) = lanes[lane].plans.get(index)
            {
                self.next[lane] += 1;
                return Some((lane, index, plan));
            }
        }
        None
    }
}
