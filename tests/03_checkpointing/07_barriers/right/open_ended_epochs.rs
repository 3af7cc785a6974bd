//! Knows for each input how far its barriers have come; an ended one has come to the last of all.

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
    done: u64,
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        let (done, sums) = match snapshot {
            Some(Snapshot { epoch, sums }) => (epoch, sums),
            None => (0, BTreeMap::new()),
        };
        Operator {
            sums,
            reached: [done; 2],
            done,
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        self.reached[input] == self.done
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => {
                *self.sums.entry(account_id).or_insert(0) += delta_cents;
                return None;
            }
            Message::Barrier { epoch } => self.reached[input] = epoch,
            Message::End => self.reached[input] = u64::MAX,
        }
        let epoch = self.reached[0].min(self.reached[1]);
        if epoch == self.done || epoch == u64::MAX {
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
