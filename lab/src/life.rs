//! One life of a worker: code under test, on a runtime and a clock of its own, until it ends or dies.

use crate::backend::on_lab;
use crate::client;
use crate::quiet::caught;
use crate::wire::{Halt, Wire};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
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
pub(crate) type Notes = Arc<Mutex<Vec<(u32, String)>>>;

impl Aws {
    /// The full name of a stream or table.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Writes something down for the check to judge afterwards: what the code under test returned.
    pub fn note(&self, text: impl Into<String>) {
        let mut notes = self
            .notes
            .lock()
            .expect("nothing panics while it holds this lock");
        notes.push((self.life, text.into()));
    }
}

/// A worker's work: `Err` makes it end as a process ends with an error, to be started again.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// The first moment of every run: 2026-01-01T00:00:00Z.
const START_EPOCH_SECONDS: i64 = 1_767_225_600;

/// Virtual time after which a worker that waits, and calls nobody, is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A worker.
pub(crate) struct Life {
    work: Work,
    runtime: Runtime,
    wire: Wire,
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
        wire: Wire,
        number: u32,
        notes: Notes,
        prefix: String,
        work: impl FnOnce(Aws) -> Work,
    ) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a Tokio runtime starts");
        let aws = Aws {
            kinesis: client::kinesis(&wire),
            dynamodb: client::dynamodb(&wire),
            now_epoch_seconds: START_EPOCH_SECONDS + i64::from(number - 1) * 60,
            life: number,
            prefix,
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
        }
    }

    /// Runs it until it ends, dies or stands still.
    pub(crate) fn advance(&mut self) -> Ending {
        loop {
            self.wire.resume();
            let ending = self.run_until_halt();
            // A call still in flight when the worker ends dies with it, as it does with a process.
            match self.wire.take_errand() {
                Some(errand) if ending == Ending::Stalled => on_lab(errand),
                _ => return ending,
            }
        }
    }

    fn run_until_halt(&mut self) -> Ending {
        let Life {
            work,
            runtime,
            wire,
        } = self;
        let result = caught(|| {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    _ = wire.halted() => Woken::Halted,
                    result = work => Woken::Returned(result),
                    () = tokio::time::sleep(PATIENCE) => Woken::TimeIsUp,
                }
            })
        });
        match (self.wire.halt(), result) {
            (_, Err(panic)) => Ending::Panicked(panic),
            // A crash in a task of its own may coincide with the end of the worker: the crash came first.
            (Some(Halt::Crashed), _) => Ending::Crashed,
            (Some(Halt::Runaway), _) => Ending::Runaway,
            (_, Ok(Woken::Halted)) => Ending::Stalled,
            (_, Ok(Woken::Returned(Ok(())))) => Ending::Finished,
            (_, Ok(Woken::Returned(Err(error)))) => Ending::Failed(error),
            (_, Ok(Woken::TimeIsUp)) => Ending::Asleep,
        }
    }
}

/// Why the lab got the thread back.
enum Woken {
    Halted,
    Returned(Result<(), String>),
    TimeIsUp,
}
