//! Records in order, each once, up to the end: whatever kind of end it is.

use super::answer::{self, End};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Dice, Scenario};

const SHARD: &str = "shardId-000000000000";

#[test]
fn an_open_shard_is_read_until_the_reader_has_caught_up() {
    Check::new(
        lab::exercise!(),
        "drain",
        "each record once, in order",
        open(5, 2),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Denied,
        EmptyPage,
        ExpiredIterator,
        Redelivered,
    ])
    .also([61, 62].map(|seed| {
        let mut dice = Dice::new(seed);
        open(dice.below(6) as usize, 1 + dice.below(4) as u32)
    }))
    .facts(ends)
    .judge();
}

#[test]
fn a_closed_shard_is_read_to_its_end() {
    let records = records(4);
    let expected = records.len();
    Check::new(
        lab::exercise!(),
        "drain_closed",
        "up to the end, and on to the children",
        scenario(expected, true)
            .closed_stream("payment-events", records)
            .records_a_page(3),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Denied,
        EmptyPage,
        ExpiredIterator,
    ])
    .facts(ends)
    .judge();
}

/// An open shard with so many records, in pages of so many.
fn open(count: usize, page: u32) -> Scenario {
    scenario(count, false)
        .stream("payment-events", 1, records(count))
        .records_a_page(page)
}

fn records(count: usize) -> Vec<(String, Vec<u8>)> {
    (1..=count)
        .map(|number| ("alice".to_owned(), format!("record {number}").into_bytes()))
        .collect()
}

fn scenario(count: usize, closed: bool) -> Scenario {
    Scenario::new(worker).audit(move |aftermath| audit(count, closed, aftermath))
}

/// Reads all of the shard, and then once more from the second record on.
async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let mut sequence_numbers = Vec::new();
    drain(&aws, "all", None, &mut sequence_numbers).await?;
    if let Some(second) = sequence_numbers.get(1).cloned() {
        drain(&aws, "after 2", Some(&second), &mut Vec::new()).await?;
    }
    Ok(())
}

async fn drain(
    aws: &Aws,
    what: &str,
    position: Option<&str>,
    sequence_numbers: &mut Vec<String>,
) -> Result<(), answer::Error> {
    aws.note(format!("begin {what}"));
    let stream = aws.name("payment-events");
    let end = answer::drain(&aws.kinesis, &stream, SHARD, position, &mut |record| {
        sequence_numbers.push(record.sequence_number().to_owned());
        aws.note(String::from_utf8_lossy(record.data().as_ref()));
    })
    .await?;
    let end = match end {
        End::CaughtUp => "caught up".to_owned(),
        End::Closed { mut children } => {
            children.sort();
            format!("closed, on to {}", children.join(" and "))
        }
    };
    aws.note(format!("end {what}: {end}"));
    Ok(())
}

fn ends(aftermath: &Aftermath) -> Vec<(String, String)> {
    let notes = aftermath.notes.iter();
    let ends = notes.filter_map(|(_, note)| note.strip_prefix("end ")?.split_once(": "));
    ends.map(|(what, end)| (what.to_owned(), end.to_owned()))
        .collect()
}

fn audit(count: usize, closed: bool, aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    let survivable = |fault| {
        matches!(
            fault,
            EmptyPage | ExpiredIterator | Throttled | LostResponse
        )
    };
    let struck: Vec<_> = aftermath
        .trace
        .iter()
        .filter_map(|entry| entry.struck)
        .collect();
    if !struck.is_empty()
        && struck.iter().all(|fault| survivable(*fault))
        && aftermath.trace.iter().any(|entry| entry.life > 1)
    {
        anomalies.push(Anomaly::new(
            AnomalyKind::Stuck,
            "the worker ended because of something after which it should go on",
        ));
    }
    let mut expected: Vec<String> = Vec::new();
    let (mut what, mut at) = ("", 0);
    for (_, note) in &aftermath.notes {
        if let Some(begun) = note.strip_prefix("begin ") {
            let skipped = if begun == "all" { 0 } else { 2 };
            expected = (skipped + 1..=count)
                .map(|number| format!("record {number}"))
                .collect();
            (what, at) = (begun, 0);
        } else if let Some(end) = note.strip_prefix("end ") {
            if let Some(missing) = expected.get(at) {
                anomalies.push(Anomaly::of_event(
                    AnomalyKind::Lost,
                    missing,
                    format!("{missing} was not handled, and the reader thinks that it is at the end ({what})"),
                ));
            }
            let right = match closed {
                true => "closed, on to shardId-000000000001 and shardId-000000000002",
                false => "caught up",
            };
            let (_, end) = end.split_once(": ").unwrap_or_default();
            if end != right {
                let what = format!("drain returned `{end}`, expected `{right}`");
                anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what));
            }
        } else if expected.get(at) == Some(note) {
            at += 1;
        } else {
            let (kind, how, why) = if expected[..at].contains(note) {
                (
                    AnomalyKind::Duplicate,
                    "once more",
                    "a new iterator has to begin after the last record that was handled",
                )
            } else if expected.contains(note) {
                (
                    AnomalyKind::Corrupt,
                    "too early",
                    "what comes before it was skipped, or pages were handled out of their order",
                )
            } else {
                (
                    AnomalyKind::Duplicate,
                    "although it is not after the position",
                    "reading goes on after a position; AT_SEQUENCE_NUMBER begins at it, TRIM_HORIZON before it",
                )
            };
            let what = format!("{note} was handled {how} ({what})");
            anomalies.push(Anomaly::of_event(kind, note, what).because(why));
            return anomalies;
        }
    }
    anomalies
}
