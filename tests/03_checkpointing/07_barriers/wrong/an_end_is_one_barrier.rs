//! expect: STUCK after no-fault
//!
//! An end counts as the barrier of the next epoch, and of no later one: the other input's barriers complete nothing then.

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
    reached: [u64; 2],
    has_ended: [bool; 2],
    done: u64,
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        let (done, sums) = snapshot.map_or_else(Default::default, |it| (it.epoch, it.sums));
        Operator {
            sums,
            reached: [done; 2],
            has_ended: [false; 2],
            done,
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        self.reached[input] <= self.reached[1 - input] || self.has_ended[1 - input]
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => *self.sums.entry(account_id).or_default() += delta_cents,
            Message::Barrier { epoch } => self.reached[input] = epoch,
            Message::End => {
                self.has_ended[input] = true;
                self.reached[input] += 1;
            }
        }
        let epoch = self.reached[0].min(self.reached[1]);
        if epoch == self.done || self.has_ended == [true, true] {
            return None;
        }
        self.done = epoch;
        Some(Snapshot {
            epoch,
            sums: self.sums.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
