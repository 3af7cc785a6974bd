//! expect: CORRUPT after no-fault
//!
//! Lets an input wait only where the other one has brought an event since the last barrier: a silent one seems to be idle. The
//! events behind the barrier are then in its snapshot.

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
    waits_at: [Option<u64>; 2],
    has_ended: [bool; 2],
    is_busy: [bool; 2],
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            waits_at: [None, None],
            has_ended: [false, false],
            is_busy: [false, false],
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        self.waits_at[input].is_none() || !self.is_busy[1 - input]
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => {
                self.is_busy[input] = true;
                *self.sums.entry(account_id).or_default() += delta_cents;
            }
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
        self.is_busy = [false, false];
        Some(Snapshot {
            epoch,
            sums: self.sums.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
