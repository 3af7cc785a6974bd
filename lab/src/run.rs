//! One run: a world, a plan of faults, and as many lives as it takes.

use crate::audit::{Anomaly, AnomalyKind};
use crate::backend::{BackendError, Kind, on_lab};
use crate::cost::Cost;
use crate::data::Data;
use crate::dice::Dice;
use crate::fault::{DRAWN_ORDERS, Fault, Strike};
use crate::gate::{ATTEMPT_LIMIT, Gate};
use crate::life::{Ending, Life, Notes};
use crate::record::Mark;
use crate::scenario::{Aftermath, Scenario};
use crate::sequel::{Beginning, Sequel, Sequels};
use crate::trace::{Entry, Outcome, shortened};
use crate::world::World;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// A worker that needs more lives than this does not get anywhere.
const LIVES: u32 = 8;

/// In an order that is counted out, a worker has fewer turns than this before the other one has its own.
const MOST_TURNS: u32 = 6;

/// The orders of a race: each worker has so many turns, whoever begins.
pub(crate) const RACE_ORDERS: std::ops::RangeInclusive<u32> =
    DRAWN_ORDERS + 1..=DRAWN_ORDERS + 2 * MOST_TURNS * MOST_TURNS;

impl Strike {
    /// Two workers side by side: the one with this number, 1 or 2, has so many turns, then the other one so many, then the
    /// first goes on to its end. Of each at most 5.
    pub fn in_turns(first: u32, turns: [u32; 2]) -> Self {
        let [own, others] = turns;
        debug_assert!((1..=2).contains(&first) && own < MOST_TURNS && others < MOST_TURNS);
        Fault::TwoWorkers.at(RACE_ORDERS.start() + (first - 1) + 2 * (own + MOST_TURNS * others))
    }
}

/// What came of one run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The data that it worked on.
    pub data: Data,
    /// The faults that were planned.
    pub plan: Vec<Strike>,
    /// Whether all of them happened: there was a point at which each had a meaning.
    pub fired: bool,
    /// What is wrong with the result; empty where nothing is.
    pub anomalies: Vec<Anomaly>,
    /// What was left behind.
    pub aftermath: Aftermath,
    /// Attempts and capacity units.
    pub cost: Cost,
    /// The message of a panic in the code under test.
    pub panic: Option<String>,
}

/// Runs `scenario` once under `plan`.
///
/// # Errors
/// The backend cannot be used, or failed on the lab's own requests.
pub fn run(kind: Kind, scenario: &Scenario, plan: &[Strike]) -> Result<Run, BackendError> {
    let world = Arc::new(on_lab(World::open(kind))?);
    let result = catch_unwind(AssertUnwindSafe(|| {
        on_lab(scenario.set_up(&world))?;
        run_in(world.clone(), scenario, plan, &Sequels::default())
    }));
    // The world goes, whatever came out.
    let closed = on_lab(world.close());
    match (result.unwrap_or_else(|panic| resume_unwind(panic)), closed) {
        (Err(error), Err(left)) => Err(BackendError::Both(Box::new(error), Box::new(left))),
        (result, closed) => result.and_then(|run| closed.map(|()| run)),
    }
}

/// Runs `scenario` once under `plan`, in a world in which everything is in its place. What has followed in other runs that
/// began there is not run again.
///
/// # Errors
/// The backend failed on the lab's own requests.
pub(crate) fn run_in(
    world: Arc<World>,
    scenario: &Scenario,
    plan: &[Strike],
    sequels: &Sequels,
) -> Result<Run, BackendError> {
    let watched = scenario
        .tables
        .iter()
        .filter(|table| table.watched)
        .map(|table| table.name.clone());
    let arrivals = scenario.arrivals(&world);
    let gate = Gate::new(world, watched.collect(), plan, arrivals);
    let mut lives = Lives {
        gate: &gate,
        scenario,
        sequels,
        notes: Notes::default(),
        started: 0,
        last: Ending::Crashed,
    };
    let whole_run: Vec<_> = plan
        .iter()
        .filter(|strike| strike.fault.whole_run_points().is_some())
        .collect();
    match whole_run.first() {
        Some(Strike {
            fault: Fault::TwoWorkers,
            at,
        }) => lives.two_at_once(*at),
        Some(_) => {
            lives.until_one_ends();
            if lives.last == Ending::Finished {
                lives.until_one_ends();
            }
        }
        None => lives.until_one_ends(),
    }
    // For what has arrived meanwhile.
    for _ in &scenario.grows {
        if lives.last == Ending::Finished {
            lives.until_one_ends();
        }
    }
    let last = lives.last.clone();
    let record = gate.record();
    let mut aftermath = Aftermath {
        ended: last == Ending::Finished,
        grew: scenario.grows.len(),
        notes: lives.notes.all(),
        versions: record.versions,
        sequence_numbers: gate.world.sequence_numbers(),
        trace: record.trace,
        ..Aftermath::default()
    };
    for table in &scenario.tables {
        let items = on_lab(gate.world.items(&table.name))?;
        aftermath.tables.insert(table.name.clone(), items);
    }
    for stream in scenario.streams.iter().filter(|stream| stream.is_read) {
        let records = on_lab(gate.world.records(&stream.name))?;
        aftermath.records.insert(stream.name.clone(), records);
    }
    let is_denied = plan.iter().any(|strike| strike.fault == Fault::Denied);
    let anomalies = match &last {
        // Nobody gets any further, and every worker has said so.
        Ending::Failed(_) if is_denied => Vec::new(),
        // What never ended comes first: whatever else is missing is missing because of that.
        last => {
            let mut anomalies = Vec::from_iter(stuck(last, is_denied, &aftermath.trace));
            anomalies.extend((scenario.audit)(&aftermath));
            anomalies
        }
    };
    Ok(Run {
        data: Data::Usual,
        plan: plan.to_vec(),
        // A run happens once: one thing at most happens to it as a whole.
        fired: gate.has_fired() && whole_run.len() <= 1,
        anomalies,
        aftermath,
        cost: record.cost,
        panic: match last {
            Ending::Panicked(message) => Some(message),
            _ => None,
        },
    })
}

/// A beginning that a run has come to, and what there was by then.
struct Begun {
    beginning: Beginning,
    mark: Mark,
    notes: usize,
}

/// The lives of one run, one after another or side by side.
struct Lives<'a> {
    gate: &'a Arc<Gate>,
    scenario: &'a Scenario,
    sequels: &'a Sequels,
    notes: Notes,
    started: u32,
    /// How the life that matters came to its end.
    last: Ending,
}

impl Lives<'_> {
    fn start(&mut self, takes_turns: bool) -> Life {
        self.started += 1;
        Life::start(
            self.gate.clone(),
            self.started,
            takes_turns,
            self.notes.clone(),
            |aws| (self.scenario.work)(aws),
        )
    }

    /// Starts workers until one returns, as a supervisor does.
    fn until_one_ends(&mut self) {
        let mut begun = Vec::new();
        for left in (1..=LIVES).rev() {
            if let Some(found) = self.gate.calm() {
                let life = self.started + 1;
                let beginning = Beginning { life, found };
                if self.goes_on_as_before(&beginning, left) {
                    break;
                }
                begun.push(Begun {
                    beginning,
                    mark: self.gate.mark(),
                    notes: self.notes.count(),
                });
            }
            let mut life = self.start(false);
            self.last = life.advance();
            match self.last {
                Ending::Failed(_) | Ending::Crashed => {}
                Ending::Stalled => {
                    // Its lease ran out and a replacement took over; now the first one wakes up, none the wiser.
                    self.until_one_ends();
                    let replaced = self.last.clone();
                    if replaced == Ending::Finished {
                        let woken = life.advance();
                        if let Ending::Panicked(_) | Ending::Runaway | Ending::Asleep = woken {
                            self.last = woken;
                        }
                    }
                    return;
                }
                _ => break,
            }
        }
        self.remember(begun);
    }

    /// Takes what follows from another run that came to this beginning, if there is one and `left` workers are enough.
    fn goes_on_as_before(&mut self, beginning: &Beginning, left: u32) -> bool {
        let known = self.sequels.of(beginning);
        let Some(sequel) = known.filter(|sequel| sequel.lives <= left) else {
            return false;
        };
        if !self.gate.go_on_with(&sequel.record, sequel.left.clone()) {
            return false;
        }
        self.notes.extend(&sequel.notes);
        self.started += sequel.lives;
        self.last = Ending::Finished;
        true
    }

    /// Remembers what followed on each beginning, for other runs that come there.
    fn remember(&self, begun: Vec<Begun>) {
        // Whoever has read what others wrote may have done what he did because of that.
        if self.last != Ending::Finished || self.notes.are_read() {
            return;
        }
        let Some(left) = self.gate.calm() else {
            return;
        };
        for begun in begun {
            let sequel = Sequel {
                lives: self.started + 1 - begun.beginning.life,
                record: self.gate.since(begun.mark),
                notes: self.notes.since(begun.notes),
                left: left.clone(),
            };
            self.sequels.remember(begun.beginning, sequel);
        }
    }

    /// Two workers do the same work, their attempts in one of the orders.
    fn two_at_once(&mut self, order: u32) {
        let mut turns = Turns::new(order);
        let mut workers = [self.start(true), self.start(true)];
        // Up to its first attempt each may go.
        let mut endings = [workers[0].advance(), workers[1].advance()];
        for _ in 0..LIVES {
            while endings.contains(&Ending::Stalled) {
                let both = endings.iter().all(|ending| *ending == Ending::Stalled);
                let next = match both {
                    true => turns.next(),
                    false => usize::from(endings[1] == Ending::Stalled),
                };
                endings[next] = workers[next].advance();
            }
            let Some(failed) = endings.iter().position(|e| matches!(e, Ending::Failed(_))) else {
                break;
            };
            workers[failed] = self.start(true);
            endings[failed] = workers[failed].advance();
        }
        let [first, second] = endings;
        self.last = if first == Ending::Finished {
            second
        } else {
            first
        };
    }
}

/// Whose turn it is, of two workers.
enum Turns {
    /// Drawn from a seed.
    Drawn(Dice),
    /// One worker has some turns, then the other, then the first one goes on to its end.
    Counted { first: usize, left: [u32; 2] },
}

impl Turns {
    /// The orders from 1 on: first those that are drawn, then all in which each worker has few turns.
    fn new(order: u32) -> Self {
        let Some(counted) = order.checked_sub(DRAWN_ORDERS + 1) else {
            return Turns::Drawn(Dice::new(u64::from(order)));
        };
        let (first, rest) = (counted % 2, counted / 2);
        Turns::Counted {
            first: first as usize,
            left: [rest % MOST_TURNS, rest / MOST_TURNS],
        }
    }

    fn next(&mut self) -> usize {
        match self {
            Turns::Drawn(dice) => dice.below(2) as usize,
            Turns::Counted { first, left } => {
                let second = 1 - *first;
                for (turns, worker) in left.iter_mut().zip([*first, second]) {
                    if *turns > 0 {
                        *turns -= 1;
                        return worker;
                    }
                }
                *first
            }
        }
    }
}

/// The anomaly of a run that did not come to its end.
fn stuck(last: &Ending, is_denied: bool, trace: &[Entry]) -> Option<Anomaly> {
    let what = match last {
        Ending::Finished => return None,
        Ending::Panicked(message) => format!("the worker panicked: {message}"),
        Ending::Failed(error) => {
            let error = with_cause(error, trace);
            format!("the worker ended with an error in each of {LIVES} lives: {error}")
        }
        Ending::Runaway if is_denied => {
            "the worker was refused again and again, and did not end".to_owned()
        }
        Ending::Runaway => {
            format!("the worker made {ATTEMPT_LIMIT} attempts and was not done")
        }
        Ending::Asleep => "the worker waits for something that never comes".to_owned(),
        Ending::Crashed | Ending::Stalled => "the worker never reached the end".to_owned(),
    };
    Some(Anomaly::new(AnomalyKind::Stuck, what))
}

/// The error that a worker ended with. The SDK's own says no more than "service error": AWS has said the rest.
fn with_cause(error: &str, trace: &[Entry]) -> String {
    let error = shortened(error);
    match trace.last().map(|entry| &entry.outcome) {
        Some(Outcome::Error(said)) if error.ends_with("service error") => {
            format!("{error}: {said}")
        }
        _ => error.into_owned(),
    }
}
