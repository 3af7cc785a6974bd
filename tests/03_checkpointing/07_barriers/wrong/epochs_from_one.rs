//! expect: CORRUPT after no-fault
//!
//! Counts its snapshots itself. After a restart it begins with 1 once more.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Event {
        account_id: String,
        delta_cents: i64,
    },
    Barrier {
        epoch: u64,
    },
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub epoch: u64,
    pub sums: BTreeMap<String, i64>,
}

#[derive(Clone, Debug)]
pub struct Operator {
    sums: BTreeMap<String, i64>,
    taken: u64,
    waits: [bool; 2],
    has_ended: [bool; 2],
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            taken: 0,
            waits: [false, false],
            has_ended: [false, false],
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        !self.waits[input]
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => *self.sums.entry(account_id).or_default() += delta_cents,
            Message::Barrier { .. } => self.waits[input] = true,
            Message::End => self.has_ended[input] = true,
        }
        let is_aligned = |input: usize| self.waits[input] || self.has_ended[input];
        if !(is_aligned(0) && is_aligned(1)) || self.waits == [false, false] {
            return None;
        }
        // Both inputs stand at the barrier: the sums hold what came before it, and nothing else.
        self.waits = [false, false];
        self.taken += 1;
        Some(Snapshot {
            epoch: self.taken,
            sums: self.sums.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
