//! Align barriers: the reference.

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

// ANCHOR: operator
/// An operator with the inputs 0 and 1.
#[derive(Clone, Debug)]
pub struct Operator {
    sums: BTreeMap<String, i64>,
    /// The barrier at which each input waits for the other one.
    waits_at: [Option<u64>; 2],
    has_ended: [bool; 2],
}

impl Operator {
    /// An operator that goes on from a snapshot, or begins where there is none.
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            waits_at: [None, None],
            has_ended: [false, false],
        }
    }

    /// Whether the operator can take the next message of an input now.
    pub fn reads(&self, input: usize) -> bool {
        self.waits_at[input].is_none()
    }

    /// Takes the next message of an input, and gives a snapshot where it completes the barriers of an epoch.
    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => *self.sums.entry(account_id).or_default() += delta_cents,
            Message::Barrier { epoch } => self.waits_at[input] = Some(epoch),
            Message::End => self.has_ended[input] = true,
        }
        let epoch = self.waits_at.iter().flatten().copied().next()?;
        let is_aligned = |input: usize| self.waits_at[input].is_some() || self.has_ended[input];
        if !(is_aligned(0) && is_aligned(1)) {
            return None;
        }
        // Both inputs stand at the barrier: the sums hold what came before it, and nothing else.
        self.waits_at = [None, None];
        Some(Snapshot {
            epoch,
            sums: self.sums.clone(),
        })
    }

    /// The sums so far.
    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
// ANCHOR_END: operator
