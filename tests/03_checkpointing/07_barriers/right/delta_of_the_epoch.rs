//! Keeps what the last snapshot held and what came since apart, and joins them at each barrier.

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
    before: BTreeMap<String, i64>,
    since: Vec<(String, i64)>,
    barrier: Option<(usize, u64)>,
    open: u32,
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            before: snapshot.map(|snapshot| snapshot.sums).unwrap_or_default(),
            since: Vec::new(),
            barrier: None,
            open: 2,
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        self.barrier.is_none_or(|(waiting, _)| waiting != input)
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        let epoch = match (message, self.barrier) {
            (
                Message::Event {
                    account_id,
                    delta_cents,
                },
                _,
            ) => {
                self.since.push((account_id, delta_cents));
                return None;
            }
            (Message::Barrier { epoch }, None) if self.open == 2 => {
                self.barrier = Some((input, epoch));
                return None;
            }
            (Message::Barrier { epoch }, _) => epoch,
            (Message::End, waiting) => {
                self.open -= 1;
                waiting?.1
            }
        };
        self.barrier = None;
        self.before = self.sums();
        self.since.clear();
        Some(Snapshot {
            epoch,
            sums: self.before.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        let mut sums = self.before.clone();
        for (account_id, delta_cents) in &self.since {
            *sums.entry(account_id.clone()).or_default() += delta_cents;
        }
        sums
    }
}
