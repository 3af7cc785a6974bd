//! What the embedded backend has answered before, it is not asked again.
//!
//! All runs of a check begin with the same streams and tables, and hundreds of them send the same requests in the same
//! order. An emulator gives the same answer to the same request, as long as the same requests have changed it before. So
//! the runs of a scenario share a memory: each state that the tables have been in, known by the requests that led
//! there, and what was answered there. A request that is new in its state goes to an emulator of the run's own, which is
//! brought into that state first.
//!
//! Only this backend remembers. On LocalStack and on AWS each run has streams and tables of its own, and comes to the same
//! verdict.

use super::NoAnswer;
use super::embedded::{DynamoDb, Embedded, Kinesis};
use crate::drawn_token::is_drawn;
use crate::locked::locked;
use crate::request::{Request, Response, Service};
use crate::world::Items;
use serde_json::json;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// The answers that all runs on the same streams and tables share.
struct Memory {
    /// The streams as they were made. Nobody writes to them.
    kinesis: Kinesis,
    /// When they were made.
    since: Instant,
    /// Somebody did write: what was read since may be wrong.
    is_spoilt: AtomicBool,
    /// What was answered of the streams, by [`key`].
    streams: Mutex<HashMap<String, Response>>,
    /// The requests that made the tables, in their order.
    made_by: Vec<Arc<Request>>,
    states: Mutex<Vec<State>>,
    /// Emulators that runs have left behind, on the threads to which their sockets belong.
    left: Mutex<HashMap<ThreadId, Vec<InState>>>,
}

/// An emulator, and the state in which it is.
type InState = (usize, DynamoDb);

/// A state of the tables.
struct State {
    /// The state before, and the request that changed it; none for the tables as they were made.
    came_by: Option<(usize, Arc<Request>)>,
    /// What was answered here, and the state after that: by [`key`].
    answers: HashMap<String, (Response, usize)>,
    /// All items of a table, by the table's name.
    items: HashMap<String, Items>,
}

/// The state of the tables as they were made.
const AS_MADE: usize = 0;

/// How many emulators a thread keeps. Each needs a few hundred kilobytes.
const MOST_LEFT: usize = 16;

/// Iterators live for five minutes.
const REMEMBERED_FOR: Duration = Duration::from_secs(4 * 60);

/// The streams and tables of one run, which begins where all runs of its scenario begin.
pub(crate) struct Recall {
    memory: Arc<Memory>,
    run: Mutex<Tables>,
}

/// The tables of one run.
#[derive(Default)]
struct Tables {
    /// The state that they are in: [`AS_MADE`] when the run begins.
    state: usize,
    /// An emulator of this run's own.
    own: Option<InState>,
    /// The request tokens that were applied, and what the memory calls each of them.
    tokens: BTreeMap<String, String>,
}

/// A state of a run's tables, with all that can make a difference there. Runs whose tables are in the same one get the same
/// answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableState {
    state: usize,
    /// The request tokens that code under test has chosen, and what the memory calls each of them.
    tokens: BTreeMap<String, String>,
}

impl Recall {
    /// Remembers from now on what the streams and tables of `embedded` answer. These requests made its tables.
    pub(crate) fn of(embedded: Embedded, made_by: Vec<Arc<Request>>) -> Self {
        let first = State {
            came_by: None,
            answers: HashMap::new(),
            items: HashMap::new(),
        };
        let memory = Memory {
            kinesis: embedded.kinesis,
            since: Instant::now(),
            is_spoilt: AtomicBool::new(false),
            streams: Mutex::default(),
            made_by,
            states: Mutex::new(vec![first]),
            left: Mutex::default(),
        };
        memory.leave((AS_MADE, embedded.dynamodb));
        Recall {
            memory: Arc::new(memory),
            run: Mutex::default(),
        }
    }

    /// The same streams and tables, as they were made.
    pub(crate) fn again(&self) -> Self {
        Recall {
            memory: self.memory.clone(),
            run: Mutex::default(),
        }
    }

    /// Whether nobody has written to the streams, which all runs share: else each needs its own.
    pub(crate) fn is_as_made(&self) -> bool {
        !self.memory.is_spoilt.load(Ordering::SeqCst)
    }

    /// Whether iterators in it are about to expire.
    pub(crate) fn is_old(&self) -> bool {
        self.memory.since.elapsed() > REMEMBERED_FOR
    }

    /// The state of the tables.
    pub(crate) fn tables(&self) -> TableState {
        let run = locked(&self.run);
        // Who made no token itself never comes back to it.
        let chosen = run.tokens.iter().filter(|(token, _)| !is_drawn(token));
        TableState {
            state: run.state,
            tokens: chosen.map(|(a, b)| (a.clone(), b.clone())).collect(),
        }
    }

    /// The items of a table as it is now, if a run has come to this state before and remembered them.
    pub(crate) fn items(&self, table: &str) -> Option<Items> {
        let state = locked(&self.run).state;
        locked(&self.memory.states)[state].items.get(table).cloned()
    }

    /// Remembers the items of a table as it is now.
    pub(crate) fn remember_items(&self, table: &str, items: Items) {
        let state = locked(&self.run).state;
        let mut states = locked(&self.memory.states);
        states[state].items.insert(table.to_owned(), items);
    }

    /// Brings the tables into a state in which another run has left them.
    pub(crate) fn go_to(&self, tables: TableState) {
        let mut run = locked(&self.run);
        run.state = tables.state;
        run.tokens.extend(tables.tokens);
    }

    /// Answers a request; one at a time.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        match request.service {
            Service::Kinesis => self.of_streams(request).await,
            Service::DynamoDb => self.of_tables(request).await,
        }
    }

    async fn of_streams(&self, request: &Request) -> Result<Response, NoAnswer> {
        let memory = &self.memory;
        if !request.only_reads() {
            memory.is_spoilt.store(true, Ordering::SeqCst);
            return memory.kinesis.answer(request).await;
        }
        let key = key(request);
        let known = locked(&memory.streams).get(&key).cloned();
        if let Some(response) = known {
            return Ok(response);
        }
        let response = memory.kinesis.answer(request).await?;
        // Another run may have asked meanwhile. What was first remembered is what counts.
        let mut streams = locked(&memory.streams);
        Ok(streams.entry(key).or_insert(response).clone())
    }

    async fn of_tables(&self, request: &Request) -> Result<Response, NoAnswer> {
        let (state, asked) = {
            let run = locked(&self.run);
            (run.state, Asked::of(request, run.state, &run.tokens))
        };
        let known = locked(&self.memory.states)[state]
            .answers
            .get(&asked.key)
            .cloned();
        let (response, next) = match known {
            Some(known) => known,
            None => {
                let own = locked(&self.run).own.take();
                let emulator = self.memory.bring_to(state, own).await?;
                let response = emulator.answer(&asked.for_emulator()).await?;
                let known = self.memory.remember(state, &asked, response);
                locked(&self.run).own = Some((known.1, emulator));
                known
            }
        };
        let mut run = locked(&self.run);
        run.state = next;
        if let Some(token) = asked.token
            && next != state
        {
            run.tokens.insert(token.given, token.called);
        }
        Ok(response)
    }
}

impl Drop for Recall {
    fn drop(&mut self) {
        if let Some(own) = locked(&self.run).own.take() {
            self.memory.leave(own);
        }
    }
}

/// A request to the tables in a state.
struct Asked<'a> {
    request: &'a Request,
    /// What makes it the same as another one.
    key: String,
    token: Option<Token>,
}

/// A request token in a run.
struct Token {
    given: String,
    /// What the memory calls it.
    called: String,
    /// It was applied: DynamoDB knows it again, and changes nothing. One that never was is as good as any other: the SDK
    /// draws them by chance.
    is_applied: bool,
}

impl<'a> Asked<'a> {
    /// `tokens` are those that were applied in this run, and what the memory calls them.
    fn of(request: &'a Request, state: usize, tokens: &BTreeMap<String, String>) -> Self {
        let mut key = key(request);
        let token = request.request_token().map(|given| {
            let applied = tokens.get(given);
            key += match applied {
                Some(_) => "\nknown token ",
                None => "\nnew token",
            };
            let called = applied.cloned().unwrap_or_else(|| {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                format!("{state:x}-{:x}", hasher.finish())
            });
            if applied.is_some() {
                key += &called;
            }
            Token {
                given: given.to_owned(),
                called,
                is_applied: applied.is_some(),
            }
        });
        Asked {
            request,
            key,
            token,
        }
    }

    /// The request as an emulator gets it: with the token's name in the memory for its token.
    fn for_emulator(&self) -> Cow<'a, Request> {
        match &self.token {
            None => Cow::Borrowed(self.request),
            Some(token) => Cow::Owned(self.request.with_request_token(json!(token.called))),
        }
    }

    /// Whether it changes the tables, if this is the answer: what is refused does not.
    fn changes_tables(&self, response: &Response) -> bool {
        let is_repeat = self.token.as_ref().is_some_and(|token| token.is_applied);
        response.is_ok() && !is_repeat && !self.request.only_reads()
    }
}

impl Memory {
    /// An emulator whose tables are in a state.
    async fn bring_to(&self, state: usize, own: Option<InState>) -> Result<DynamoDb, NoAnswer> {
        let (found, to_come) = self.on_the_way_to(state, own);
        let (emulator, made_by) = match found {
            Some(emulator) => (emulator, [].as_slice()),
            None => (DynamoDb::start().await, self.made_by.as_slice()),
        };
        for change in made_by.iter().chain(&to_come) {
            emulator.answer(change).await?;
        }
        Ok(emulator)
    }

    /// The emulator that is nearest to a state on the way there, `own` or one that another run has left on this thread; and
    /// what is still to come from there on, or from the beginning where there is none.
    fn on_the_way_to(
        &self,
        state: usize,
        own: Option<InState>,
    ) -> (Option<DynamoDb>, Vec<Arc<Request>>) {
        let mut left = locked(&self.left);
        let left = left.entry(std::thread::current().id()).or_default();
        left.extend(own);
        let states = locked(&self.states);
        let (mut at, mut to_come) = (state, Vec::new());
        let found = loop {
            if let Some(found) = left.iter().rposition(|(state, _)| *state == at) {
                break Some(left.remove(found).1);
            }
            let Some((before, change)) = &states[at].came_by else {
                break None;
            };
            to_come.push(change.clone());
            at = *before;
        };
        to_come.reverse();
        (found, to_come)
    }

    /// Leaves an emulator to other runs on this thread, to which its sockets belong.
    fn leave(&self, own: InState) {
        let mut left = locked(&self.left);
        let left_here = left.entry(std::thread::current().id()).or_default();
        left_here.push(own);
        if left_here.len() > MOST_LEFT {
            left_here.remove(0);
        }
    }

    /// Remembers an answer: gives it, and the state after it.
    fn remember(&self, state: usize, asked: &Asked, response: Response) -> (Response, usize) {
        let mut states = locked(&self.states);
        // Another run may have asked meanwhile. What was first remembered is what counts.
        if let Some(known) = states[state].answers.get(&asked.key) {
            return known.clone();
        }
        let mut next = state;
        if asked.changes_tables(&response) {
            next = states.len();
            states.push(State {
                came_by: Some((state, Arc::new(asked.for_emulator().into_owned()))),
                answers: HashMap::new(),
                items: HashMap::new(),
            });
        }
        let answer = (response, next);
        states[state]
            .answers
            .insert(asked.key.clone(), answer.clone());
        answer
    }
}

/// What makes two requests the same, whatever the names of their tokens.
fn key(request: &Request) -> String {
    let mut key = request.operation.clone();
    for (name, value) in request.parameters_but_the_token() {
        key += &format!("\n{name} {value}");
    }
    key
}
