//! Align barriers.
//!
//! An operator with two inputs adds up payments. Others read the streams and feed it, so it knows no position. A *barrier*
//! travels in each input instead: the snapshot of an epoch holds exactly what came before its barrier, on both inputs. After
//! a crash the operator is restored from the last snapshot, and each input is played again from just after its barrier of
//! that epoch. An input that had ended before that barrier gives its end once more.

use std::collections::BTreeMap;

/// What comes in on an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A payment.
    Event {
        /// Whose sum changes.
        account_id: String,
        /// By how much, in cents; below 0 for a withdrawal.
        delta_cents: i64,
    },
    /// What came before it on this input belongs to the snapshot of this epoch, and what comes after it does not. The
    /// epochs of an input are 1, 2, 3 and so on.
    Barrier {
        /// Which snapshot.
        epoch: u64,
    },
    /// The last message of an input. It counts as if the barrier of every later epoch had come. Where both inputs have ended
    /// no snapshot is due any more; one of the next epoch does no harm. After a restart it comes again, on each input.
    End,
}

/// What an operator remembers of everything before the barriers of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Which epoch.
    pub epoch: u64,
    /// The sum of each account, in cents.
    pub sums: BTreeMap<String, i64>,
}

/// An operator with the inputs 0 and 1. The fields are yours.
#[derive(Clone, Debug)]
pub struct Operator {}

impl Operator {
    /// An operator that goes on from a snapshot, or begins where there is none.
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        todo!("take over what the snapshot holds: {snapshot:?}")
    }

    /// Whether the operator can take the next message of an input now. While it cannot, the message stays in the channel.
    ///
    /// This is how an input is made to wait, and nothing is buffered: one that has brought the barrier of an epoch must not
    /// be read until the other one has brought it too, or has ended. At any time at least one input that has not
    /// ended must be read. An input that has ended is not asked about: what this says of it does not matter.
    pub fn reads(&self, input: usize) -> bool {
        todo!("say whether this input may go on: {input}, {self:?}")
    }

    /// Takes the next message of an input. Where this completes the barriers of an epoch, it gives the epoch's snapshot,
    /// which is stored before anything else happens. One message completes one epoch at most.
    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        todo!(
            "add up, and take a snapshot when the barriers are aligned: {input}, {message:?}, {self:?}"
        )
    }

    /// The sums of all events so far. An account whose sum is 0 may be missing.
    pub fn sums(&self) -> BTreeMap<String, i64> {
        todo!("give the sum of each account: {self:?}")
    }
}
