//! The gate that every attempt passes: counted, recorded, and struck by faults, unseen by the code under test.

use crate::backend::NoAnswer;
use crate::cost::Cost;
use crate::fault::{Fault, Step, Strike, shard_rate_exceeded, throttling};
use crate::guard;
use crate::request::{Request, Response};
use crate::scenario::Version;
use crate::trace::{Entry, Outcome};
use crate::world::World;
use serde_json::json;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// More attempts than this in one run, and the worker is going round in circles.
pub(crate) const ATTEMPT_LIMIT: u32 = 600;

/// What all lives of one run share: the world, the faults still to come, and the record.
pub(crate) struct Gate {
    pub(crate) world: Arc<World>,
    /// Tables of which each version is kept.
    watched: Vec<String>,
    /// The only calls at which faults strike, where not all are meant.
    target: Option<Target>,
    /// More attempts than this, and the worker is going round in circles.
    attempt_limit: u32,
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
    fired: u32,
    /// The call whose attempts are all throttled.
    throttled_call: Option<String>,
    trace: Vec<Entry>,
    cost: Cost,
    versions: Vec<Version>,
}

impl Gate {
    pub(crate) fn new(world: Arc<World>, watched: Vec<String>, plan: &[Strike]) -> Arc<Self> {
        Gate::with(world, watched, plan, None, ATTEMPT_LIMIT)
    }

    /// A gate whose faults strike at some calls only, with a limit of its own.
    pub(crate) fn with(
        world: Arc<World>,
        watched: Vec<String>,
        plan: &[Strike],
        target: Option<Target>,
        attempt_limit: u32,
    ) -> Arc<Self> {
        Arc::new(Gate {
            world,
            watched,
            target,
            attempt_limit,
            state: Mutex::new(State {
                plan: plan.iter().copied().collect(),
                ..State::default()
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds this lock")
    }

    /// How many strikes of the plan have happened.
    pub(crate) fn fired(&self) -> u32 {
        self.state().fired
    }

    pub(crate) fn trace(&self) -> Vec<Entry> {
        self.state().trace.clone()
    }

    pub(crate) fn cost(&self) -> Cost {
        self.state().cost
    }

    /// Each version that a watched table has had, oldest first.
    pub(crate) fn versions(&self) -> Vec<Version> {
        self.state().versions.clone()
    }

    /// Records an attempt, and decides what becomes of it. `None`: there have been too many.
    fn decide(&self, life: u32, request: &Request) -> Option<(usize, Step)> {
        let mut state = self.state();
        let index = state.trace.len();
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
            struck: None,
            outcome: Outcome::Unanswered,
        };
        let mut step = Step::Pass;
        if state.throttled_call.as_ref() == Some(&request.call.invocation_id) {
            entry.struck = Some(Fault::ThrottledOut);
            step = Step::Answer(throttling(request));
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
                state.fired += 1;
            }
        }
        if matches!(step, Step::ThrottleCall) {
            state.throttled_call = Some(request.call.invocation_id.clone());
            step = Step::Answer(throttling(request));
        }
        state.trace.push(entry);
        Some((index, step))
    }

    fn note(&self, index: usize, outcome: Outcome) {
        self.state().trace[index].outcome = outcome;
    }

    /// Sends an attempt to the backend, and counts what it costs.
    async fn send(&self, request: &Request) -> Result<Response, NoAnswer> {
        let response = self.world.answer(request).await?;
        self.state().cost.count(request, &response);
        if request.writes_items() && response.is_ok() {
            let touched = request.resources();
            let last = self.state().versions.last().map(|version| version.moment);
            let moment = last.unwrap_or_default() + 1;
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
                self.state().versions.push(Version {
                    moment,
                    table: table.clone(),
                    items,
                });
            }
        }
        Ok(response)
    }
}

/// Why a life stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It is dead: nothing that it sends will ever arrive.
    Crashed,
    /// It stands still before an attempt, until it is resumed.
    Stalled,
    /// It waits for AWS: the lab does the exchange while the life stands still.
    Errand,
    /// It has sent too much.
    Runaway,
}

/// An exchange with AWS, for the lab to carry out.
pub(crate) type Errand = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One life's way to the gate.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Inner>);

struct Inner {
    gate: Arc<Gate>,
    life: u32,
    /// Stand still before every attempt: somebody else may be next.
    takes_turns: bool,
    /// Code under test lives in this process, on a thread that stands still while AWS works.
    in_process: bool,
    halt: Mutex<Option<Halt>>,
    errand: Mutex<Option<Errand>>,
    halted: Notify,
    resumed: Notify,
    /// One attempt at a time, in the order in which they came: held from an attempt's beginning to its end.
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire(life {})", self.0.life)
    }
}

impl Wire {
    /// A wire for code in this process.
    pub(crate) fn in_process(gate: Arc<Gate>, life: u32, takes_turns: bool) -> Self {
        Wire::new(gate, life, takes_turns, true)
    }

    /// A wire for code in a process of its own, whose requests arrive on the lab's runtime.
    pub(crate) fn for_child(gate: Arc<Gate>, life: u32) -> Self {
        Wire::new(gate, life, false, false)
    }

    fn new(gate: Arc<Gate>, life: u32, takes_turns: bool, in_process: bool) -> Self {
        Wire(Arc::new(Inner {
            gate,
            life,
            takes_turns,
            in_process,
            halt: Mutex::default(),
            errand: Mutex::default(),
            halted: Notify::new(),
            resumed: Notify::new(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// Why the life stands still, if it does.
    pub(crate) fn halt(&self) -> Option<Halt> {
        *self
            .0
            .halt
            .lock()
            .expect("nothing panics while it holds this lock")
    }

    /// Waits until the life stands still.
    pub(crate) async fn halted(&self) -> Halt {
        loop {
            if let Some(halt) = self.halt() {
                return halt;
            }
            self.0.halted.notified().await;
        }
    }

    /// Lets a life go on that stands still, unless it is dead.
    pub(crate) fn resume(&self) {
        let mut halt = self
            .0
            .halt
            .lock()
            .expect("nothing panics while it holds this lock");
        if let Some(Halt::Stalled | Halt::Errand) = *halt {
            *halt = None;
            self.0.resumed.notify_waiters();
        }
    }

    /// What the life waits for, if it waits for AWS.
    pub(crate) fn take_errand(&self) -> Option<Errand> {
        self.0
            .errand
            .lock()
            .expect("nothing panics while it holds this lock")
            .take()
    }

    fn stand_still(&self, halt: Halt) {
        *self
            .0
            .halt
            .lock()
            .expect("nothing panics while it holds this lock") = Some(halt);
        self.0.halted.notify_one();
    }

    async fn wait_while_halted(&self) {
        loop {
            let resumed = self.0.resumed.notified();
            if self.halt().is_none() {
                return;
            }
            resumed.await;
        }
    }

    async fn die<T>(&self, halt: Halt) -> T {
        self.stand_still(halt);
        std::future::pending().await
    }

    /// One attempt: what comes back, or nothing ever.
    ///
    /// In this process a life stands still during the whole exchange with AWS. So attempts never overlap, a
    /// paused clock never moves while AWS works, and an attempt that has begun is over when the life ends.
    pub(crate) async fn attempt(&self, request: Request) -> Result<Response, NoAnswer> {
        let _turn = self.0.turn.lock().await;
        self.wait_while_halted().await;
        if self.0.takes_turns {
            self.stand_still(Halt::Stalled);
            self.wait_while_halted().await;
        }
        guard::progress();
        let Some((index, step)) = self.0.gate.decide(self.0.life, &request) else {
            return self.die(Halt::Runaway).await;
        };
        let result = self.take(request, index, step).await;
        let outcome = match &result {
            Ok(response) => Outcome::of(response),
            Err(_) => Outcome::Lost,
        };
        self.0.gate.note(index, outcome);
        result
    }

    async fn take(&self, request: Request, index: usize, step: Step) -> Result<Response, NoAnswer> {
        let lost = || NoAnswer("connection reset by peer".to_owned());
        match step {
            Step::Pass => self.send(request).await,
            Step::Answer(response) => Ok(response),
            Step::CrashBefore => {
                self.0.gate.note(index, Outcome::NeverSent);
                self.die(Halt::Crashed).await
            }
            Step::CrashAfter => self.send_and_die(request, index).await,
            Step::ForgetToken => {
                let mut request = request;
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
                request.body["ClientRequestToken"] = json!(forgotten);
                self.send_and_die(request, index).await
            }
            Step::LoseResponse => {
                self.send(request).await?;
                Err(lost())
            }
            Step::ReadStale => {
                let stale = {
                    let (gate, request) = (self.0.gate.clone(), request.clone());
                    self.carry(async move { gate.world.stale_answer(&request).await })
                        .await?
                };
                match stale {
                    Some(response) => Ok(response),
                    None => self.send(request).await,
                }
            }
            Step::EmptyPage => {
                // The next iterator stands where this one stood.
                let iterator = request.body["ShardIterator"].clone();
                Ok(Response::ok(json!({
                    "Records": [], "NextShardIterator": iterator, "MillisBehindLatest": 1_000,
                })))
            }
            Step::PutInPart => self.put_in_part(request).await,
            Step::Stall => {
                self.stand_still(Halt::Stalled);
                self.wait_while_halted().await;
                self.send(request).await
            }
            Step::ThrottleCall => unreachable!("the gate has turned it into an answer"),
        }
    }

    async fn send_and_die(&self, request: Request, index: usize) -> Result<Response, NoAnswer> {
        let outcome = match self.send(request).await {
            Ok(response) => Outcome::of(&response),
            Err(_) => Outcome::Lost,
        };
        self.0.gate.note(index, outcome);
        self.die(Halt::Crashed).await
    }

    /// Every second record is refused, beginning with the first.
    async fn put_in_part(&self, mut request: Request) -> Result<Response, NoAnswer> {
        let records = request.body["Records"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let taken: Vec<_> = records.iter().skip(1).step_by(2).cloned().collect();
        let refused = json!({
            "ErrorCode": "ProvisionedThroughputExceededException",
            "ErrorMessage": shard_rate_exceeded(&request),
        });
        let mut results = Vec::new();
        if !taken.is_empty() {
            request.body["Records"] = json!(taken);
            let response = self.send(request).await?;
            results = response.body["Records"]
                .as_array()
                .cloned()
                .unwrap_or_default();
        }
        let mut results = results.into_iter();
        let entries: Vec<_> = (0..records.len())
            .map(|i| {
                if i % 2 == 1 {
                    results.next().unwrap_or_default()
                } else {
                    refused.clone()
                }
            })
            .collect();
        Ok(Response::ok(
            json!({ "FailedRecordCount": records.len().div_ceil(2), "Records": entries }),
        ))
    }

    async fn send(&self, request: Request) -> Result<Response, NoAnswer> {
        let gate = self.0.gate.clone();
        self.carry(async move { gate.send(&request).await }).await
    }

    async fn carry<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        if !self.0.in_process {
            return work.await;
        }
        let (done, result) = tokio::sync::oneshot::channel();
        let errand: Errand = Box::pin(async move {
            let _ = done.send(work.await);
        });
        *self
            .0
            .errand
            .lock()
            .expect("nothing panics while it holds this lock") = Some(errand);
        self.stand_still(Halt::Errand);
        self.wait_while_halted().await;
        result
            .await
            .expect("the lab carries out each errand before it resumes a life")
    }
}
