//! expect: CORRUPT after no-fault
//!
//! Goes on reading both inputs until the second barrier has come: what came after the first one is in the snapshot, and comes again.

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
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            waits_at: [None, None],
            has_ended: [false, false],
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        let _ = input;
        true
    }

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

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
