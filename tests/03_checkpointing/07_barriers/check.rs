//! Whatever arrives first, and wherever the operator crashes: each event counts once.

mod inputs;
mod reading;

use super::answer::{Message, Operator, Snapshot};
use inputs::{Inputs, drawn, epochs, scripts, told};
use lab::{AnomalyKind, Blame, Cases, Dice};
use reading::Reading;
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
        let expected = Ok(snapshots(&inputs));
        cases = cases.case(name, given, expected, move || play_all(&inputs));
    }
    for seed in 1..20 {
        let inputs = drawn(seed);
        let expected = Ok(snapshots(&inputs));
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

/// The seeds of the orders in which messages arrive.
const ORDERS: std::ops::Range<u64> = 0..20;

/// Those in which a second crash comes.
const CRASHED_TWICE: std::ops::Range<u64> = 0..5;

/// How many messages after the first crash the second one comes.
const NEXT_CRASH: [usize; 2] = [3, 6];

/// Twenty orders; for each, no crash and a crash after each number of messages; for some of them, two crashes.
fn play_all(inputs: &Inputs) -> Played {
    let messages: usize = inputs.iter().map(Vec::len).sum();
    for order in ORDERS {
        play(inputs, order, &[])?;
        for crash in 1..=messages {
            play(inputs, order, &[crash])?;
        }
    }
    // What one crash can show is not told as a story of two.
    for order in CRASHED_TWICE {
        for crash in 1..=messages {
            for next in NEXT_CRASH {
                play(inputs, order, &[crash, crash + next])?;
            }
        }
    }
    Ok(snapshots(inputs))
}

/// How many snapshots the inputs come to, in words.
fn snapshots(inputs: &Inputs) -> String {
    match epochs(inputs) {
        1 => "1 snapshot".to_owned(),
        many => format!("{many} snapshots"),
    }
}

/// Plays one order, with a crash behind each of these numbers of messages.
fn play(inputs: &Inputs, order: u64, crashes: &[usize]) -> Result<(), Wrong> {
    let mut dice = Dice::new(order);
    let mut stored: Option<Snapshot> = None;
    let mut operator = Operator::restore(None);
    let mut read = Reading::behind(inputs, 0);
    let (mut handled, mut crashed) = (0, 0);
    while read.has_more(0) || read.has_more(1) {
        let so_far = &crashes[..crashed];
        let can = [0, 1].map(|input| read.has_more(input) && operator.reads(input));
        expect_to_wait(&read, can, so_far)?;
        let input = match can {
            [true, true] => dice.below(2) as usize,
            [true, false] => 0,
            [false, true] => 1,
            [false, false] => {
                return wrong(
                    AnomalyKind::Stuck,
                    "an input waits for a barrier that never comes, or for one that has come",
                    format!(
                        "{}, no input is read any more: {}",
                        when(so_far),
                        read.told()
                    ),
                );
            }
        };
        handled += 1;
        let given = operator.handle(input, read.take(input));
        let epoch = given.as_ref().map(|snapshot| snapshot.epoch);
        if let Some(snapshot) = given {
            expect_next(inputs, &snapshot, stored.as_ref(), so_far)?;
            expect_not_early(&read, snapshot.epoch, so_far)?;
            stored = Some(snapshot);
        }
        expect_complete(&read, stored.as_ref(), epoch, so_far)?;
        // What one message adds to the sums is seen without a crash; after one the end is enough.
        if crashes.is_empty() || !(read.has_more(0) || read.has_more(1)) {
            let why = match so_far {
                [] => HANDLED,
                _ => PLAYED_AGAIN,
            };
            compare(&read.sums, &operator.sums(), why, so_far)?;
        }
        if crashes.get(crashed) == Some(&handled) {
            // What the operator held is gone. Each input begins after its barrier of the stored epoch.
            crashed += 1;
            let epoch = stored.as_ref().map_or(0, |snapshot| snapshot.epoch);
            operator = Operator::restore(stored.clone());
            read = Reading::behind(inputs, epoch);
            let so_far = &crashes[..crashed];
            if let Some(snapshot) = &stored {
                compare(&read.sums, &snapshot.sums, IN_A_SNAPSHOT, so_far)?;
            }
            compare(&read.sums, &operator.sums(), RESTORED, so_far)?;
        }
    }
    let taken = stored.map_or(0, |snapshot| snapshot.epoch);
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

/// After which crashes, in words.
fn when(crashes: &[usize]) -> String {
    match crashes {
        [] => "without a crash".to_owned(),
        [handled] => format!("after a crash behind message {handled}"),
        [first, second, ..] => {
            format!("after crashes behind the messages {first} and {second}")
        }
    }
}

/// An input that has come to a barrier waits there for the other one.
fn expect_to_wait(read: &Reading, can: [bool; 2], crashes: &[usize]) -> Result<(), Wrong> {
    for input in [0, 1] {
        let other = 1 - input;
        if let (true, Some(own), Some(others)) =
            (can[input], read.reached[input], read.reached[other])
            && own > others
        {
            return wrong(
                AnomalyKind::Corrupt,
                "what comes behind a barrier belongs to the next epoch: its input waits, unread, until the other one has come to it",
                format!(
                    "{}, {}, and input {input} is read on",
                    when(crashes),
                    read.told()
                ),
            );
        }
    }
    Ok(())
}

fn expect_next(
    inputs: &Inputs,
    snapshot: &Snapshot,
    stored: Option<&Snapshot>,
    crashes: &[usize],
) -> Result<(), Wrong> {
    let expected = stored.map_or(0, |snapshot| snapshot.epoch) + 1;
    // The same epoch once more is judged by what it holds; any other is a wrong number.
    if snapshot.epoch == expected || snapshot.epoch == expected - 1 {
        return Ok(());
    }
    let what = format!(
        "{}, a snapshot of epoch {} came",
        when(crashes),
        snapshot.epoch
    );
    if expected > epochs(inputs) {
        return wrong(
            AnomalyKind::Corrupt,
            "a snapshot has the number of its barriers: where both inputs have ended none is due",
            format!("{what}, and no barrier has that number"),
        );
    }
    wrong(
        AnomalyKind::Corrupt,
        "the inputs are played again from the barrier that the snapshot names",
        format!("{what}, where {expected} was due"),
    )
}

/// A snapshot holds what both inputs bring before its barrier.
fn expect_not_early(read: &Reading, given: u64, crashes: &[usize]) -> Result<(), Wrong> {
    if read
        .reached
        .into_iter()
        .flatten()
        .all(|reached| reached >= given)
    {
        return Ok(());
    }
    wrong(
        AnomalyKind::Lost,
        "what an input still brings before its barrier is not in this snapshot, and is not played again after it",
        format!(
            "{}, {}, and the snapshot of epoch {given} came",
            when(crashes),
            read.told()
        ),
    )
}

/// A snapshot is there as soon as both inputs have come to its barrier, and not only with a later message.
fn expect_complete(
    read: &Reading,
    stored: Option<&Snapshot>,
    given: Option<u64>,
    crashes: &[usize],
) -> Result<(), Wrong> {
    // An input that has ended waits for nobody.
    let complete = read.reached.into_iter().flatten().min();
    let stored = stored.map_or(0, |snapshot| snapshot.epoch);
    let Some(complete) = complete.filter(|complete| *complete > stored) else {
        return Ok(());
    };
    let what = format!("{}, {}", when(crashes), read.told());
    if let Some(given) = given {
        return wrong(
            AnomalyKind::Corrupt,
            "a snapshot has the number of the barriers that have come, also after a restart",
            format!("{what}, and the snapshot that came says epoch {given}, not {complete}"),
        );
    }
    let why = match read.reached.contains(&None) {
        true => {
            "an end counts as every later barrier of its input: the other one's barrier alone completes an epoch, or the end does"
        }
        false => {
            "the message that completes the barriers of an epoch gives its snapshot; on a quiet stream no other may come"
        }
    };
    wrong(
        AnomalyKind::Stuck,
        why,
        format!("{what}, and the last snapshot is that of epoch {stored}"),
    )
}

/// What it means that an event is missing in the sums, and that it counts more than once.
type Why = [&'static str; 2];

const HANDLED: Why = [
    "an event that was handled is not in the sums: they hold all events so far, whether a snapshot holds them or not",
    "an event that was handled once counts more than once",
];

const IN_A_SNAPSHOT: Why = [
    "an event from before the barrier is not in the snapshot, and is not played again",
    "an event from behind the barrier is in the snapshot, and is played again as well",
];

const RESTORED: Why = [
    "an event is in the snapshot, and not in the sums of the operator that was restored from it",
    "an event is in the snapshot once, and counts more than once in the operator that was restored from it",
];

const PLAYED_AGAIN: Why = [
    "the operator was restored with the right sums, and an event that was played again is not in them",
    "the operator was restored with the right sums, and an event that was played again counts more than once",
];

/// Holds the sums against the expected ones: each digit says how often an event has counted.
fn compare(
    expected: &BTreeMap<String, i64>,
    got: &BTreeMap<String, i64>,
    [missing, repeated]: Why,
    crashes: &[usize],
) -> Result<(), Wrong> {
    for (account, sum) in expected {
        let have = got.get(account).copied().unwrap_or(0);
        if have == *sum {
            continue;
        }
        let what = format!("{}, {account} has {have}, expected {sum}", when(crashes));
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
        let (is, should) = (digits(have), digits(*sum));
        let due = |at: usize| should.get(at).copied().unwrap_or(0);
        return match is.iter().enumerate().any(|(at, times)| *times > due(at)) {
            true => wrong(AnomalyKind::Duplicate, repeated, what),
            false => wrong(AnomalyKind::Lost, missing, what),
        };
    }
    if got.values().filter(|sum| **sum != 0).count() > expected.len() {
        return wrong(
            AnomalyKind::Corrupt,
            "somebody has a sum who never had an event",
            format!(
                "{}, the sums are {got:?}, expected {expected:?}",
                when(crashes)
            ),
        );
    }
    Ok(())
}
