//! The messages of the two inputs.

use super::Message;
use lab::Dice;

/// The messages of each input.
pub(super) type Inputs = [Vec<Message>; 2];

/// The messages of an input: each word is a number of events before a barrier; after the last one, the end.
fn input(account: &str, first: u32, counts: &[u32]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut number = first;
    for (epoch, count) in (1..).zip(counts) {
        for _ in 0..*count {
            messages.push(Message::Event {
                account_id: account.to_owned(),
                // Each event has a digit of its own: the sum tells how often it counts.
                delta_cents: 10_i64.pow(number),
            });
            number += 1;
        }
        messages.push(Message::Barrier { epoch });
    }
    // After the last count comes no barrier, but the end.
    messages.pop();
    messages.push(Message::End);
    messages
}

pub(super) fn scripts() -> Vec<(&'static str, Inputs)> {
    vec![
        (
            "one epoch",
            [input("alice", 0, &[2, 1]), input("alice", 3, &[1, 2])],
        ),
        (
            "three epochs",
            [
                input("alice", 0, &[1, 2, 1, 1]),
                input("bob", 0, &[2, 0, 2, 1]),
            ],
        ),
        (
            "an input without events",
            [input("alice", 0, &[2, 2, 2]), input("bob", 0, &[0, 0, 0])],
        ),
        (
            "an input that ends early",
            [
                input("alice", 0, &[1, 1, 2, 1, 1]),
                input("alice", 6, &[1, 2]),
            ],
        ),
        (
            "an input that ends at once",
            [input("alice", 0, &[0]), input("bob", 0, &[2, 1, 1])],
        ),
        (
            "withdrawals",
            [
                vec![
                    Message::Event {
                        account_id: "carl".to_owned(),
                        delta_cents: -500,
                    },
                    Message::Barrier { epoch: 1 },
                    Message::Event {
                        account_id: "carl".to_owned(),
                        delta_cents: 200,
                    },
                    Message::End,
                ],
                input("bob", 0, &[1, 1]),
            ],
        ),
        (
            "large sums",
            [
                vec![
                    Message::Event {
                        account_id: "erin".to_owned(),
                        delta_cents: 9_007_199_254_740_993,
                    },
                    Message::Barrier { epoch: 1 },
                    Message::End,
                ],
                input("erin", 0, &[1, 1]),
            ],
        ),
        (
            "no barrier at all",
            [input("alice", 0, &[3]), input("bob", 0, &[2])],
        ),
    ]
}

pub(super) fn drawn(seed: u64) -> Inputs {
    let mut dice = Dice::new(seed);
    let mut counts = || -> Vec<u32> {
        let epochs = 1 + dice.below(4);
        (0..epochs).map(|_| dice.below(3) as u32).collect()
    };
    let (one, other) = (counts(), counts());
    [
        input("dora", 0, &one),
        input("dora", one.iter().sum(), &other),
    ]
}

pub(super) fn epochs(inputs: &Inputs) -> u64 {
    inputs
        .iter()
        .map(|messages| last_epoch(messages))
        .max()
        .unwrap_or(0)
}

fn last_epoch(messages: &[Message]) -> u64 {
    let epoch = |message: &Message| match message {
        Message::Barrier { epoch } => Some(*epoch),
        _ => None,
    };
    messages.iter().filter_map(epoch).max().unwrap_or(0)
}

/// An input in words: `alice 1, alice 10, barrier 1, end`.
pub(super) fn told(messages: &[Message]) -> String {
    let told = messages.iter().map(|message| match message {
        Message::Event {
            account_id,
            delta_cents,
        } => format!("{account_id} {delta_cents}"),
        Message::Barrier { epoch } => format!("barrier {epoch}"),
        Message::End => "end".to_owned(),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Where an input is played again from: after its barrier of an epoch, or at its end if it ended before.
pub(super) fn after(messages: &[Message], epoch: u64) -> usize {
    if epoch == 0 {
        return 0;
    }
    let barrier = Message::Barrier { epoch };
    match messages.iter().position(|message| *message == barrier) {
        Some(at) => at + 1,
        None => messages.len() - 1,
    }
}
