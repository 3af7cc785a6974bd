//! One life of a worker: code under test, on a runtime and a clock of its own, until it ends or dies.

use crate::backend::on_lab;
use crate::client;
use crate::gate::{Gate, Passage};
use crate::guard;
use crate::locked::locked;
use crate::quiet::caught;
use crate::wire::{Attempt, End, Wire};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What code under test is given, and nothing else.
pub struct Aws {
    /// An ordinary client.
    pub kinesis: aws_sdk_kinesis::Client,
    /// An ordinary client.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The time, in seconds since 1970. Each life starts a minute after the one before.
    pub now_epoch_seconds: i64,
    /// 1 for the first worker, 2 for its successor, and so on.
    pub life: u32,
    prefix: String,
    notes: Notes,
}

/// What a check's driver wrote down while it ran, with the life that wrote it.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    notes: Vec<(u32, String)>,
    /// Whether a worker has looked at what others wrote.
    is_read: bool,
}

impl Notes {
    fn written(&self) -> MutexGuard<'_, Written> {
        locked(&self.0)
    }

    /// All of them, in their order.
    pub(crate) fn all(&self) -> Vec<(u32, String)> {
        self.written().notes.clone()
    }

    /// Those that came after the first `count`.
    pub(crate) fn since(&self, count: usize) -> Vec<(u32, String)> {
        self.written().notes[count..].to_vec()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.written().notes.len()
    }

    /// Adds some.
    pub(crate) fn extend(&self, notes: &[(u32, String)]) {
        self.written().notes.extend_from_slice(notes);
    }

    /// Whether a worker has looked at them: what it does may depend on them.
    pub(crate) fn are_read(&self) -> bool {
        self.written().is_read
    }
}

impl Aws {
    /// The full name of a stream or table.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Writes something down for the check to judge afterwards: what the code under test returned.
    pub fn note(&self, text: impl Into<String>) {
        self.notes.extend(&[(self.life, text.into())]);
    }

    /// What has been written down in this run so far, and in which life: a clock that all lives share, for example.
    pub fn notes(&self) -> Vec<(u32, String)> {
        self.notes.written().is_read = true;
        self.notes.all()
    }
}

/// A worker's work: `Err` makes it end as a process ends with an error, to be started again.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// The first moment of every run: 2026-01-01T00:00:00Z.
const START_EPOCH_SECONDS: i64 = 1_767_225_600;

/// Virtual time after which a worker that waits, and calls nobody, is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A worker that wakes up so often without sending anything goes round in circles, however short its sleeps are.
const WAKE_UPS: u32 = 20_000;

/// A worker.
///
/// It stands still while the lab carries one of its attempts to AWS and back, on the same thread. So attempts never
/// overlap, a paused clock never moves while AWS works, and an attempt that has begun is over when the life ends.
pub(crate) struct Life {
    work: Work,
    runtime: Runtime,
    wire: Wire,
    gate: Arc<Gate>,
    number: u32,
    /// Stand still before every attempt: somebody else may be next.
    takes_turns: bool,
    still: Option<Still>,
}

/// The attempt before which a life stands still.
enum Still {
    /// It is this life's turn when the life is advanced.
    Turn(Attempt),
    /// A fault stalled it: the gate knows this attempt, by its index.
    Stalled(Attempt, usize),
}

/// How far a life came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It returned.
    Finished,
    /// It returned an error.
    Failed(String),
    /// It panicked: the message, and where.
    Panicked(String),
    /// It died of a fault.
    Crashed,
    /// It stands still before an attempt, and may go on.
    Stalled,
    /// It made more attempts than any answer needs.
    Runaway,
    /// It waits for something that never comes.
    Asleep,
}

impl Life {
    /// Starts a worker. It does nothing until it is advanced.
    pub(crate) fn start(
        gate: Arc<Gate>,
        number: u32,
        takes_turns: bool,
        notes: Notes,
        work: impl FnOnce(Aws) -> Work,
    ) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a Tokio runtime starts");
        let wire = Wire::default();
        let aws = Aws {
            kinesis: client::kinesis(&wire),
            dynamodb: client::dynamodb(&wire, number),
            now_epoch_seconds: START_EPOCH_SECONDS + i64::from(number - 1) * 60,
            life: number,
            prefix: gate.world.name(""),
            notes,
        };
        let work = {
            let _context = runtime.enter();
            work(aws)
        };
        Life {
            work,
            runtime,
            wire,
            gate,
            number,
            takes_turns,
            still: None,
        }
    }

    /// Runs it until it ends, dies or stands still.
    pub(crate) fn advance(&mut self) -> Ending {
        match self.still.take() {
            Some(Still::Stalled(attempt, index)) => {
                let back = on_lab(self.gate.let_through(index, &attempt.request));
                attempt.answer(back);
            }
            Some(Still::Turn(attempt)) => {
                if let Some(ending) = self.carry(attempt) {
                    return ending;
                }
            }
            None => {}
        }
        loop {
            if let Some(ending) = self.run_until_it_sends() {
                // A call still in flight when the worker ends dies with it, as it does with a process.
                return ending;
            }
            let Some(attempt) = self.wire.take(self.arrives_first()) else {
                continue;
            };
            if self.takes_turns {
                self.still = Some(Still::Turn(attempt));
                return Ending::Stalled;
            }
            if let Some(ending) = self.carry(attempt) {
                return ending;
            }
        }
    }

    /// Which of several calls in flight arrives first. They may overtake each other: of two workers side by side, one's do.
    fn arrives_first(&self) -> End {
        match self.takes_turns && self.number.is_multiple_of(2) {
            true => End::Last,
            false => End::First,
        }
    }

    /// Carries an attempt to AWS and back. Says how the life ends, or stands still, if it does.
    fn carry(&mut self, attempt: Attempt) -> Option<Ending> {
        guard::progress();
        match on_lab(self.gate.pass(self.number, &attempt.request)) {
            Passage::Back(back) => {
                attempt.answer(back);
                None
            }
            Passage::Crashed => Some(Ending::Crashed),
            Passage::Stalled(index) => {
                self.still = Some(Still::Stalled(attempt, index));
                Some(Ending::Stalled)
            }
            Passage::Runaway => Some(Ending::Runaway),
        }
    }

    /// Runs it until it has sent something; or says how it has ended.
    fn run_until_it_sends(&mut self) -> Option<Ending> {
        let Life {
            work,
            runtime,
            wire,
            ..
        } = self;
        let mut wake_ups = 0;
        let mut tired = std::pin::pin!(std::future::poll_fn(|_| {
            wake_ups += 1;
            match wake_ups > WAKE_UPS {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        }));
        let result = caught(|| {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = &mut tired => Some(Ending::Asleep),
                    // First what came back is taken up, even where more has been sent already.
                    result = tokio::task::unconstrained(work) => Some(match result {
                        Ok(()) => Ending::Finished,
                        Err(error) => Ending::Failed(error),
                    }),
                    () = wire.has_sent() => None,
                    () = tokio::time::sleep(PATIENCE) => Some(Ending::Asleep),
                }
            })
        });
        result.unwrap_or_else(|panic| Some(Ending::Panicked(panic)))
    }
}
