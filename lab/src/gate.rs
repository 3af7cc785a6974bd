//! The gate that every attempt passes, one at a time: counted, recorded, and struck by faults.
//!
//! It works on requests and responses, and does not know where the code under test lives.

use crate::arrivals::{Arrivals, Sight};
use crate::backend::NoAnswer;
use crate::fault::{Fault, Step, Strike, denial};
use crate::gap::Gaps;
use crate::in_part;
use crate::locked::locked;
use crate::record::{Mark, Record};
use crate::request::{Request, Response};
use crate::scenario::Version;
use crate::sequel::Visible;
use crate::trace::{Entry, Outcome};
use crate::world::World;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

/// More attempts than this in one run, and the worker is going round in circles.
pub(crate) const ATTEMPT_LIMIT: u32 = 800;

/// Whoever is refused more often than this in one run does not hear what he is told.
const DENIED_LIMIT: u32 = 100;

/// What all lives of one run share: the world, the faults still to come, and the record.
pub(crate) struct Gate {
    pub(crate) world: Arc<World>,
    /// Tables of which each version is kept.
    watched: Vec<String>,
    /// The only calls at which faults strike, where not all are meant.
    target: Option<Target>,
    /// More attempts than this, and the worker is going round in circles.
    attempt_limit: u32,
    /// Stretches of shards without records.
    gaps: Gaps,
    /// Which records are there.
    arrivals: Arrivals,
    state: Mutex<State>,
}

/// Calls by what they do: the first attempt of each is a point at which a fault may strike.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) operation: String,
    pub(crate) resource: String,
}

impl Target {
    fn is(&self, entry: &Entry) -> bool {
        entry.attempt == 1
            && entry.operation == self.operation
            && entry.resources.contains(&self.resource)
    }
}

#[derive(Default)]
struct State {
    plan: VecDeque<Strike>,
    /// Points of the next strike's kind that have gone by.
    points: u32,
    /// Since a fault every attempt is refused, and how many there were.
    denied: Option<u32>,
    /// The call whose attempts are all struck, and by what.
    struck_call: Option<(String, Fault)>,
    record: Record,
}

impl Gate {
    pub(crate) fn new(
        world: Arc<World>,
        watched: Vec<String>,
        plan: &[Strike],
        arrivals: Arrivals,
    ) -> Arc<Self> {
        let gate = Gate::with(world, watched, plan, None, ATTEMPT_LIMIT);
        Arc::new(Gate { arrivals, ..gate })
    }

    /// A gate whose faults strike at some calls only, with a limit of its own.
    pub(crate) fn with(
        world: Arc<World>,
        watched: Vec<String>,
        plan: &[Strike],
        target: Option<Target>,
        attempt_limit: u32,
    ) -> Self {
        Gate {
            world,
            watched,
            target,
            attempt_limit,
            gaps: Gaps::default(),
            arrivals: Arrivals::default(),
            state: Mutex::new(State {
                // What happens to a run as a whole happens at no attempt.
                plan: plan
                    .iter()
                    .copied()
                    .filter(|strike| strike.fault.whole_run_points().is_none())
                    .collect(),
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Whether all strikes of the plan have happened.
    pub(crate) fn has_fired(&self) -> bool {
        self.state().plan.is_empty()
    }

    /// What has been recorded so far.
    pub(crate) fn record(&self) -> Record {
        self.state().record.clone()
    }

    /// How far the record has come.
    pub(crate) fn mark(&self) -> Mark {
        self.state().record.mark()
    }

    /// What has been recorded since.
    pub(crate) fn since(&self, mark: Mark) -> Record {
        self.state().record.since(mark)
    }

    /// What a worker finds, where nothing but that can tell one from another: no fault is still to come, nor does an
    /// earlier one still last.
    pub(crate) fn calm(&self) -> Option<Visible> {
        let is_calm = {
            let state = self.state();
            state.plan.is_empty() && state.denied.is_none()
        };
        let tables = match is_calm && self.gaps.are_closed() {
            true => self.world.tables(),
            false => None,
        };
        let arrivals = self.arrivals.count();
        tables.map(|tables| Visible { tables, arrivals })
    }

    /// Goes on as another run did after the same state: with this record, to what it left. Says whether it does: not where
    /// that would be more attempts than there may be.
    pub(crate) fn go_on_with(&self, record: &Record, left: Visible) -> bool {
        let own = &mut self.state().record;
        if own.trace.len() + record.trace.len() > self.attempt_limit as usize {
            return false;
        }
        own.append(record);
        self.world.go_to(left.tables);
        self.arrivals.go_to(left.arrivals);
        true
    }

    /// Records an attempt, and decides what becomes of it. `None`: there have been too many.
    fn decide(&self, life: u32, request: &Request) -> Option<(usize, Step)> {
        let mut state = self.state();
        let index = state.record.trace.len();
        if index as u32 >= self.attempt_limit {
            return None;
        }
        let (mut resources, mut keys) = (Vec::new(), Vec::new());
        for name in request.resources() {
            resources.push(self.world.short_name(&name).to_owned());
            keys.push(self.world.keys_in(request, &name));
        }
        let mut entry = Entry {
            life,
            operation: request.operation.clone(),
            resources,
            keys,
            attempt: request.call.attempt,
            max_attempts: request.call.max_attempts,
            may_be_stale: Fault::StaleRead.points(request) > 0,
            may_be_in_part: Fault::Unprocessed.points(request) > 0,
            struck: None,
            outcome: Outcome::Unanswered,
        };
        let mut step = Step::Pass;
        if let Some(denied) = &mut state.denied {
            *denied += 1;
            if *denied > DENIED_LIMIT {
                return None;
            }
            entry.struck = Some(Fault::Denied);
            step = Step::Deny;
        } else if let Some((call, fault)) = &state.struck_call
            && *call == request.call.invocation_id
        {
            entry.struck = Some(*fault);
            step = fault.in_each_attempt(request);
        } else if let Some(&Strike { fault, at }) = state.plan.front()
            && self.target.as_ref().is_none_or(|target| target.is(&entry))
        {
            let before = state.points;
            state.points += fault.points(request);
            if at <= state.points {
                entry.struck = Some(fault);
                step = fault.strike(request, at - before - 1);
                state.plan.pop_front();
                state.points = 0;
            }
        }
        if matches!(step, Step::Deny) {
            state.denied.get_or_insert(0);
        }
        if let Step::WholeCall(fault) = step {
            state.struck_call = Some((request.call.invocation_id.clone(), fault));
            step = fault.in_each_attempt(request);
        }
        state.record.trace.push(entry);
        Some((index, step))
    }

    fn note(&self, index: usize, outcome: Outcome) {
        self.state().record.trace[index].outcome = outcome;
    }

    /// Sends an attempt to the backend, and counts what it costs.
    async fn send(&self, request: &Request) -> Result<Response, NoAnswer> {
        if let Some(page) = self.gaps.page(request) {
            return Ok(page);
        }
        let behind = self.gaps.behind(request);
        let request = behind.as_ref().unwrap_or(request);
        let sight = self.arrivals.sight(request, || self.gaps.after(request));
        let response = match sight {
            Sight::All => self.world.answer(request).await?,
            Sight::Next(0) => return Ok(Arrivals::nothing_new(request)),
            Sight::Next(most) => {
                let mut page = self.world.answer(&request.limited_to(most as u64)).await?;
                self.arrivals.seen(&mut page, most);
                page
            }
        };
        self.gaps.watch(request, &response, behind.is_some());
        self.state().record.cost.count(request, &response);
        if request.writes_items() && response.is_ok() {
            let touched = request.resources();
            let (moment, attempts) = {
                let record = &self.state().record;
                (record.moment() + 1, record.trace.len())
            };
            for table in self
                .watched
                .iter()
                .filter(|table| touched.contains(&self.world.name(table)))
            {
                let items = self
                    .world
                    .items(table)
                    .await
                    .map_err(|error| NoAnswer(error.to_string()))?;
                self.state().record.versions.push(Version {
                    moment,
                    attempts,
                    table: table.clone(),
                    items,
                });
            }
        }
        Ok(response)
    }
}

/// What becomes of an attempt.
pub(crate) enum Passage {
    /// Something comes back: an answer, or a broken connection.
    Back(Result<Response, NoAnswer>),
    /// The worker is dead: nothing that it sends will ever arrive.
    Crashed,
    /// The worker stands still before this attempt. When it wakes up, [`Gate::let_through`].
    Stalled(usize),
    /// It has sent too much.
    Runaway,
}

impl Gate {
    /// Lets an attempt of a life through, unless a fault strikes.
    ///
    /// One at a time: the caller waits for the end of one before it begins the next.
    pub(crate) async fn pass(&self, life: u32, request: &Request) -> Passage {
        let Some((index, step)) = self.decide(life, request) else {
            return Passage::Runaway;
        };
        let back = match step {
            Step::CrashBefore => {
                self.note(index, Outcome::NeverSent);
                return Passage::Crashed;
            }
            Step::CrashAfter => {
                self.let_through(index, request).await.ok();
                return Passage::Crashed;
            }
            Step::ForgetToken => {
                self.let_through(index, &with_another_token(request))
                    .await
                    .ok();
                return Passage::Crashed;
            }
            Step::Stall => return Passage::Stalled(index),
            Step::Pass => self.send(request).await,
            Step::Answer(response) => Ok(response),
            Step::Cancel {
                culprit,
                code,
                message,
            } => self.world.cancelled(request, culprit, code, message).await,
            Step::LoseRequest => {
                self.note(index, Outcome::NeverSent);
                return Passage::Back(lost());
            }
            Step::LoseResponse => self.send(request).await.and(lost()),
            Step::ReadStale => match self.world.stale_answer(request).await {
                Ok(Some(response)) => Ok(response),
                Ok(None) => self.send(request).await,
                Err(error) => Err(error),
            },
            Step::EmptyPage => {
                self.gaps.open(request);
                self.send(request).await
            }
            Step::Deny => Ok(denial(request)),
            Step::PutInPart { first } => {
                in_part::put_records(request, first, async |part| self.send(part).await).await
            }
            Step::BatchInPart => in_part::batch(request, async |part| self.send(part).await).await,
            Step::WholeCall(_) => {
                unreachable!("the gate has turned it into a step for this attempt")
            }
        };
        self.note(index, Outcome::of_attempt(&back));
        Passage::Back(back)
    }

    /// Lets an attempt through that stood still.
    pub(crate) async fn let_through(
        &self,
        index: usize,
        request: &Request,
    ) -> Result<Response, NoAnswer> {
        let back = self.send(request).await;
        self.note(index, Outcome::of_attempt(&back));
        back
    }
}

/// What a worker is told where a connection broke: the same, whichever half of the exchange was lost.
fn lost() -> Result<Response, NoAnswer> {
    Err(NoAnswer("connection reset by peer".to_owned()))
}

/// The request under a token that DynamoDB will not see again.
fn with_another_token(request: &Request) -> Request {
    let token = request.body["ClientRequestToken"]
        .as_str()
        .unwrap_or_default();
    // At most 36 characters, and different from the one that will be sent again.
    let forgotten: String = token
        .chars()
        .rev()
        .take(28)
        .chain("-expired".chars())
        .collect();
    request.with_request_token(json!(forgotten))
}
