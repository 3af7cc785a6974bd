//! expect: CORRUPT after no-fault
//!
//! Reads on behind a barrier, into a second map. When the other input ends, two epochs are complete at once, and one snapshot comes.

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
    ahead: BTreeMap<String, i64>,
    done: u64,
    seen: [u64; 2],
    ended: [bool; 2],
    owed: Option<Snapshot>,
}

fn add(to: &mut BTreeMap<String, i64>, more: BTreeMap<String, i64>) {
    for (account, sum) in more {
        *to.entry(account).or_default() += sum;
    }
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        let (done, sums) = snapshot.map_or_else(Default::default, |it| (it.epoch, it.sums));
        Operator {
            sums,
            ahead: BTreeMap::new(),
            done,
            seen: [done; 2],
            ended: [false; 2],
            owed: None,
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        !self.ended[input] && self.seen[input] < self.done + 2
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        let owed = self.owed.take();
        match message {
            Message::Event {
                account_id,
                delta_cents,
            } => {
                let sums = if self.seen[input] > self.done {
                    &mut self.ahead
                } else {
                    &mut self.sums
                };
                *sums.entry(account_id).or_default() += delta_cents;
            }
            Message::Barrier { epoch } => self.seen[input] = epoch,
            Message::End => self.ended[input] = true,
        }
        let mut given = owed;
        loop {
            let of = |input: usize| {
                if self.ended[input] {
                    u64::MAX
                } else {
                    self.seen[input]
                }
            };
            let last = self.seen[0].max(self.seen[1]);
            if of(0).min(of(1)).min(last) <= self.done {
                return given;
            }
            self.done += 1;
            let snapshot = Snapshot {
                epoch: self.done,
                sums: self.sums.clone(),
            };
            add(&mut self.sums, std::mem::take(&mut self.ahead));
            if given.is_none() {
                given = Some(snapshot);
            } else {
                self.owed = Some(snapshot);
            }
        }
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
