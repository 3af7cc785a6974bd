//! expect: CORRUPT after no-fault
//!
//! Buffers what comes after a barrier, and forgets the buffer when the snapshot is taken.

use std::collections::VecDeque;

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

#[derive(Clone, Debug, Default)]
pub struct Operator {
    sums: BTreeMap<String, i64>,
    waits_at: [Option<u64>; 2],
    has_ended: [bool; 2],
    buffer: VecDeque<(usize, Message)>,
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            ..Operator::default()
        }
    }

    pub fn reads(&self, _input: usize) -> bool {
        true
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        if self.waits_at[input].is_some() {
            self.buffer.push_back((input, message));
            return None;
        }
        self.take(input, message);
        let epoch = self.waits_at.iter().flatten().copied().next()?;
        if (0..2).any(|input| self.waits_at[input].is_none() && !self.has_ended[input]) {
            return None;
        }
        let snapshot = Snapshot {
            epoch,
            sums: self.sums.clone(),
        };
        self.waits_at = [None, None];
        self.buffer.clear();
        Some(snapshot)
    }

    fn take(&mut self, input: usize, message: Message) {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => *self.sums.entry(account_id).or_default() += delta_cents,
            Message::Barrier { epoch } => self.waits_at[input] = Some(epoch),
            Message::End => self.has_ended[input] = true,
        }
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
