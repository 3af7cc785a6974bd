//! Keeps what was restored and a log of what came since; folds both when somebody asks.

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

use std::mem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inputs {
    Both,
    Waits { input: usize, epoch: u64 },
    Only(usize),
    None,
}
#[derive(Clone, Debug)]
pub struct Operator {
    base: BTreeMap<String, i64>,
    log: Vec<(String, i64)>,
    inputs: Inputs,
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        let base = match snapshot {
            Some(Snapshot { sums, .. }) => sums,
            None => BTreeMap::new(),
        };
        Operator {
            base,
            log: Vec::new(),
            inputs: Inputs::Both,
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        match self.inputs {
            Inputs::Both => true,
            Inputs::Waits { input: waiting, .. } => input != waiting,
            Inputs::Only(one) => input == one,
            Inputs::None => false,
        }
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        let other = 1 - input;
        let (next, complete) = match (message, self.inputs) {
            (
                Message::Event {
                    account_id,
                    delta_cents,
                },
                _,
            ) => {
                self.log.push((account_id, delta_cents));
                return None;
            }
            (Message::Barrier { epoch }, Inputs::Both) => (Inputs::Waits { input, epoch }, None),
            (Message::Barrier { epoch }, Inputs::Waits { epoch: first, .. }) => {
                debug_assert_eq!(first, epoch, "both count from 1");
                (Inputs::Both, Some(epoch))
            }
            (Message::Barrier { epoch }, Inputs::Only(_)) => (Inputs::Only(input), Some(epoch)),
            (Message::Barrier { .. }, Inputs::None) => (Inputs::None, None),
            (Message::End, Inputs::Both) => (Inputs::Only(other), None),
            (Message::End, Inputs::Waits { epoch, .. }) => (Inputs::Only(other), Some(epoch)),
            (Message::End, Inputs::Only(_) | Inputs::None) => (Inputs::None, None),
        };
        self.inputs = next;
        let epoch = complete?;
        for (account, delta) in mem::take(&mut self.log) {
            *self.base.entry(account).or_default() += delta;
        }
        Some(Snapshot {
            epoch,
            sums: self.base.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.log
            .iter()
            .fold(self.base.clone(), |mut sums, (account, delta)| {
                *sums.entry(account.clone()).or_default() += delta;
                sums
            })
    }
}
