//! A worker that begins where another one began before does what that one did: it is not run again.
//!
//! After most faults a check's worker dies, and its successor begins with one of few states: a crash before call 4
//! leaves behind what a crash after call 3 leaves, and what a call without an answer leaves. All that the successor can
//! see is its number, its clock, and the tables and streams. Where these are the same, what follows is taken from the
//! run that had it first. Every fault, and every worker that is struck by one, is run for real; and on LocalStack and AWS
//! so is everything else.

use crate::backend::TableState;
use crate::locked::locked;
use crate::record::Record;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// The streams and tables, as a worker finds them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Visible {
    pub(crate) tables: TableState,
    /// How often more records have arrived. Else the streams are always the same.
    pub(crate) arrivals: usize,
}

/// All that a worker can see when it begins, where no fault is still to come.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Beginning {
    /// The worker's number, from which its clock follows.
    pub(crate) life: u32,
    pub(crate) found: Visible,
}

/// What followed, to the end of the run.
#[derive(Debug)]
pub(crate) struct Sequel {
    /// How many workers it took.
    pub(crate) lives: u32,
    pub(crate) record: Record,
    pub(crate) notes: Vec<(u32, String)>,
    /// What it left.
    pub(crate) left: Visible,
}

/// What has followed in the runs of a scenario so far.
#[derive(Default)]
pub(crate) struct Sequels(Mutex<HashMap<Beginning, Arc<Sequel>>>);

impl Sequels {
    /// What followed on this beginning.
    pub(crate) fn of(&self, beginning: &Beginning) -> Option<Arc<Sequel>> {
        self.known().get(beginning).cloned()
    }

    /// Remembers what followed on a beginning.
    pub(crate) fn remember(&self, beginning: Beginning, sequel: Sequel) {
        self.known().insert(beginning, Arc::new(sequel));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Beginning, Arc<Sequel>>> {
        locked(&self.0)
    }
}
