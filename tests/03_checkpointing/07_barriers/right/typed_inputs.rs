//! Each input is a small machine of its own.

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Open,
    At(u64),
    Ended,
}

#[derive(Clone, Debug)]
pub struct Operator {
    sums: BTreeMap<String, i64>,
    inputs: [Input; 2],
}

impl Operator {
    pub fn restore(snapshot: Option<Snapshot>) -> Self {
        Operator {
            sums: snapshot.map_or_else(BTreeMap::new, |snapshot| snapshot.sums),
            inputs: [Input::Open; 2],
        }
    }

    pub fn reads(&self, input: usize) -> bool {
        self.inputs[input] == Input::Open
    }

    pub fn handle(&mut self, input: usize, message: Message) -> Option<Snapshot> {
        self.inputs[input] = match message {
            Message::Event {
                account_id,
                delta_cents,
            } => {
                self.sums
                    .entry(account_id)
                    .and_modify(|sum| *sum += delta_cents)
                    .or_insert(delta_cents);
                Input::Open
            }
            Message::Barrier { epoch } => Input::At(epoch),
            Message::End => Input::Ended,
        };
        let epoch = match self.inputs {
            [Input::At(epoch), Input::At(_) | Input::Ended] => epoch,
            [Input::Ended, Input::At(epoch)] => epoch,
            _ => return None,
        };
        for input in &mut self.inputs {
            if let Input::At(_) = input {
                *input = Input::Open;
            }
        }
        Some(Snapshot {
            epoch,
            sums: self.sums.clone(),
        })
    }

    pub fn sums(&self) -> BTreeMap<String, i64> {
        self.sums.clone()
    }
}
