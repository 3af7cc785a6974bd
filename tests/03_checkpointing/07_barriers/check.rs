//! Whatever arrives first, and wherever the operator crashes: each event counts once.

use super::answer::{Message, Operator, Snapshot};
use lab::{AnomalyKind, Blame, Cases, Dice};
use std::collections::BTreeMap;

#[test]
fn each_event_counts_once_wherever_the_operator_crashes() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "operator",
        "each event once, wherever it crashes",
        |played: &Played| match played {
            Ok(told) => told.clone(),
            Err(wrong) => format!("this: {}", wrong.what),
        },
        |_, got| match got {
            Err(wrong) => wrong.blame,
            Ok(_) => (
                AnomalyKind::Corrupt,
                "fewer crashes or snapshots than there are",
            ),
        },
    );
    for (name, inputs) in scripts() {
        let given = format!(
            "twenty orders of two inputs, a crash after each message; input 0: {}; input 1: {}",
            told(&inputs[0]),
            told(&inputs[1])
        );
        let expected = Ok(format!("{} snapshots", epochs(&inputs)));
        cases = cases.case(name, given, expected, move || play_all(&inputs));
    }
    for seed in 1..30 {
        let inputs = drawn(seed);
        let expected = Ok(format!("{} snapshots", epochs(&inputs)));
        cases = cases.one_of(
            "other inputs",
            format!(
                "input 0: {}; input 1: {}",
                told(&inputs[0]),
                told(&inputs[1])
            ),
            expected,
            move || play_all(&inputs),
        );
    }
    cases.judge();
}

/// An input in words: `alice 1, alice 10, barrier 1, end`.
fn told(messages: &[Message]) -> String {
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

/// What came of all runs of one script: how many snapshots each took, or the first thing that was wrong.
type Played = Result<String, Wrong>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong {
    blame: Blame,
    what: String,
}

fn wrong<T>(kind: AnomalyKind, why: &'static str, what: String) -> Result<T, Wrong> {
    Err(Wrong {
        blame: (kind, why),
        what,
    })
}

type Inputs = [Vec<Message>; 2];

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

fn scripts() -> Vec<(&'static str, Inputs)> {
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
            "no barrier at all",
            [input("alice", 0, &[3]), input("bob", 0, &[2])],
        ),
    ]
}

fn drawn(seed: u64) -> Inputs {
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

fn epochs(inputs: &Inputs) -> u64 {
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

/// The seeds of the orders in which messages arrive.
const ORDERS: std::ops::Range<u64> = 0..20;

/// How many messages after the first crash the second one comes.
const NEXT_CRASH: [usize; 2] = [3, 6];

/// Twenty orders; for each, no crash, a crash after each number of messages, and two crashes.
fn play_all(inputs: &Inputs) -> Played {
    let messages: usize = inputs.iter().map(Vec::len).sum();
    for order in ORDERS {
        play(inputs, order, &[])?;
        for crash in 1..=messages {
            play(inputs, order, &[crash])?;
        }
    }
    // What one crash can show is not told as a story of two.
    for order in ORDERS {
        for crash in 1..=messages {
            for next in NEXT_CRASH {
                play(inputs, order, &[crash, crash + next])?;
            }
        }
    }
    Ok(format!("{} snapshots", epochs(inputs)))
}

/// Plays one order, with a crash behind each of these numbers of messages.
fn play(inputs: &Inputs, order: u64, crashes: &[usize]) -> Result<(), Wrong> {
    let mut dice = Dice::new(order);
    let mut stored: Option<Snapshot> = None;
    let mut operator = Operator::restore(None);
    let mut next = [0, 0];
    let mut handled = 0;
    while next[0] < inputs[0].len() || next[1] < inputs[1].len() {
        let can = |input: usize| next[input] < inputs[input].len() && operator.reads(input);
        let input = match (can(0), can(1)) {
            (true, true) => dice.below(2) as usize,
            (true, false) => 0,
            (false, true) => 1,
            (false, false) => {
                return wrong(
                    AnomalyKind::Stuck,
                    "an input waits for a barrier that never comes, or for one that has come",
                    format!("no input is read any more, in order {order}"),
                );
            }
        };
        let message = inputs[input][next[input]].clone();
        next[input] += 1;
        handled += 1;
        if let Some(snapshot) = operator.handle(input, message) {
            expect_next(&snapshot, stored.as_ref())?;
            stored = Some(snapshot);
        }
        expect_complete(inputs, &next, stored.as_ref())?;
        if crashes.contains(&handled) {
            // What the operator held is gone. Each input begins after its barrier of the stored epoch.
            let epoch = stored.as_ref().map_or(0, |snapshot| snapshot.epoch);
            operator = Operator::restore(stored.clone());
            next = [after(&inputs[0], epoch), after(&inputs[1], epoch)];
        }
    }
    let taken = stored.map_or(0, |snapshot| snapshot.epoch);
    compare(&sums(inputs), &operator.sums(), crashes)?;
    if taken < epochs(inputs) {
        return wrong(
            AnomalyKind::Corrupt,
            "a crash goes back to the last snapshot, and so to an old one",
            format!(
                "the last snapshot is that of epoch {taken}, of {}",
                epochs(inputs)
            ),
        );
    }
    Ok(())
}

fn expect_next(snapshot: &Snapshot, stored: Option<&Snapshot>) -> Result<(), Wrong> {
    let expected = stored.map_or(0, |snapshot| snapshot.epoch) + 1;
    if snapshot.epoch == expected {
        return Ok(());
    }
    // The same epoch once more is judged by what it holds; any other is a wrong number.
    if snapshot.epoch == expected - 1 {
        return Ok(());
    }
    wrong(
        AnomalyKind::Corrupt,
        "the inputs are played again from the barrier that the snapshot names",
        format!(
            "a snapshot of epoch {} came, where {expected} was due",
            snapshot.epoch
        ),
    )
}

/// A snapshot is there as soon as both inputs have come to its barrier, and not only with a later message.
fn expect_complete(
    inputs: &Inputs,
    next: &[usize; 2],
    stored: Option<&Snapshot>,
) -> Result<(), Wrong> {
    let reached = |input: usize| match &inputs[input][..next[input]] {
        [.., Message::End] => None,
        taken => Some(last_epoch(taken)),
    };
    // An input that has ended waits for nobody.
    let complete = reached(0).into_iter().chain(reached(1)).min();
    let stored = stored.map_or(0, |snapshot| snapshot.epoch);
    match complete {
        Some(complete) if complete > stored => wrong(
            AnomalyKind::Stuck,
            "the message that completes the barriers of an epoch gives its snapshot; on a quiet stream no other may come",
            format!(
                "both inputs have come to barrier {complete}, and the last snapshot is that of epoch {stored}"
            ),
        ),
        _ => Ok(()),
    }
}

/// Where an input is played again from: after its barrier of an epoch, or at its end if it ended before.
fn after(messages: &[Message], epoch: u64) -> usize {
    if epoch == 0 {
        return 0;
    }
    let barrier = Message::Barrier { epoch };
    match messages.iter().position(|message| *message == barrier) {
        Some(at) => at + 1,
        None => messages.len() - 1,
    }
}

fn sums(inputs: &Inputs) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for message in inputs.iter().flatten() {
        if let Message::Event {
            account_id,
            delta_cents,
        } = message
        {
            *sums.entry(account_id.clone()).or_insert(0) += delta_cents;
        }
    }
    sums
}

/// Holds the sums against the expected ones: each digit says how often an event has counted.
fn compare(
    expected: &BTreeMap<String, i64>,
    got: &BTreeMap<String, i64>,
    crashes: &[usize],
) -> Result<(), Wrong> {
    let when = match crashes {
        [] => "without a crash".to_owned(),
        [handled] => format!("after a crash behind message {handled}"),
        [first, second, ..] => {
            format!("after crashes behind the messages {first} and {second}")
        }
    };
    for (account, sum) in expected {
        let have = got.get(account).copied().unwrap_or(0);
        if have == *sum {
            continue;
        }
        let what = format!("{when}, {account} has {have}, expected {sum}");
        let digits = |mut sum: i64| {
            let mut digits = Vec::new();
            while sum > 0 {
                digits.push(sum % 10);
                sum /= 10;
            }
            digits
        };
        if *sum < 0 {
            return wrong(
                AnomalyKind::Corrupt,
                "a payment may be below 0, and so may a sum",
                what,
            );
        }
        return if digits(have).iter().any(|times| *times > 1) {
            wrong(
                AnomalyKind::Duplicate,
                "an event from behind the barrier is in the snapshot, and is played again as well",
                what,
            )
        } else {
            let why = match crashes {
                [] => "an event that was handled is in nobody's sum",
                _ => {
                    "an event from before the barrier is not in the snapshot, and is not played again"
                }
            };
            wrong(AnomalyKind::Lost, why, what)
        };
    }
    if got.values().filter(|sum| **sum != 0).count() > expected.len() {
        return wrong(
            AnomalyKind::Corrupt,
            "somebody has a sum who never had an event",
            format!("{when}, the sums are {got:?}, expected {expected:?}"),
        );
    }
    Ok(())
}
