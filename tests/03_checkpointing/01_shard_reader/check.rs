//! Each record of a shard once, in order, whatever the pages and the iterators do.

use super::answer::{self, End};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Dice, Fault, Scenario};
use serde_json::{Value, json};

const SHARD: &str = "shardId-000000000000";

#[test]
fn each_record_is_read_once_and_in_order() {
    let five = ["evt_1", "evt_2", "evt_3", "evt_4", "evt_5"].map(str::to_owned);
    Check::new(
        lab::exercise!(),
        "read",
        "each record once, in order, up to the end",
        scenario(five.to_vec(), 2),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        EmptyPage,
        ExpiredIterator,
    ])
    .also([71, 72].map(drawn))
    .facts(|aftermath| {
        let told = |(_, note): &(u32, String)| {
            let note: Value = serde_json::from_str(note).unwrap_or_default();
            let ids = ids(&note).join(" ");
            let ids = if ids.is_empty() {
                "nothing".to_owned()
            } else {
                ids
            };
            let end = note["end"].as_str().unwrap_or_default();
            (text(&note["reader"]), format!("{ids}, then {end}"))
        };
        aftermath.notes.iter().map(told).collect()
    })
    .judge();
}

/// Two to four records, in pages of one.
fn drawn(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed);
    let first = 1 + dice.below(90);
    let ids = (0..2 + dice.below(3)).map(|at| format!("evt_{}", first + at));
    scenario(ids.collect(), 1)
}

/// The same records in an open shard and in one that is closed.
fn scenario(ids: Vec<String>, page: u32) -> Scenario {
    let records: Vec<_> = ids
        .iter()
        .map(|id| (id.clone(), id.clone().into_bytes()))
        .collect();
    Scenario::new(worker)
        .stream("open-shard", 1, records.clone())
        .closed_stream("closed-shard", records)
        .short_pages(page)
        .audit(move |aftermath| audit(&ids, aftermath))
}

/// Reads the open shard, and again from a position in it; then the closed one, and again from its last record.
async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let open = read(&aws, "open-shard", "open, from the start", None).await?;
    let Some(second) = open.get(1).cloned() else {
        return Ok(()); // The audit says what is missing.
    };
    read(&aws, "open-shard", "open, after the second", Some(&second)).await?;
    let closed = read(&aws, "closed-shard", "closed, from the start", None).await?;
    if let Some(last) = closed.last() {
        read(&aws, "closed-shard", "closed, after the last", Some(last)).await?;
    }
    Ok(())
}

/// Has the answer read, notes down what it says, and returns the sequence numbers.
async fn read(
    aws: &Aws,
    stream: &str,
    reader: &str,
    position: Option<&str>,
) -> Result<Vec<String>, answer::Error> {
    let stream = aws.name(stream);
    let (records, end) = answer::read(&aws.kinesis, &stream, SHARD, position).await?;
    let end = match end {
        End::CaughtUp => "caught up",
        End::Closed => "closed",
    };
    let ids: Vec<_> = records
        .iter()
        .map(|record| String::from_utf8_lossy(&record.data).into_owned())
        .collect();
    let numbers: Vec<_> = records
        .into_iter()
        .map(|record| record.sequence_number)
        .collect();
    let note = json!({ "reader": reader, "ids": ids, "numbers": numbers, "end": end });
    aws.note(note.to_string());
    Ok(numbers)
}

fn audit(ids: &[String], aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies: Vec<Anomaly> = aftermath
        .notes
        .iter()
        .filter_map(|(_, note)| difference(ids, &serde_json::from_str(note).ok()?, aftermath))
        .collect();
    anomalies.extend(gave_up(aftermath));
    anomalies
}

fn difference(ids: &[String], note: &Value, aftermath: &Aftermath) -> Option<Anomaly> {
    let reader = text(&note["reader"]);
    let (skipped, stream, end) = match reader.as_str() {
        "open, from the start" => (0, "open-shard", "caught up"),
        "open, after the second" => (2, "open-shard", "caught up"),
        "closed, from the start" => (0, "closed-shard", "closed"),
        _ => (ids.len(), "closed-shard", "closed"),
    };
    let expected = &ids[skipped..];
    let found = self::ids(note);
    let kind = if let Some(missing) = expected.iter().find(|id| !found.contains(id)) {
        Some((AnomalyKind::Lost, format!("{missing} was not read")))
    } else if found.len() > expected.len() {
        Some((AnomalyKind::Duplicate, "a record was read again".to_owned()))
    } else if found != expected {
        Some((
            AnomalyKind::Corrupt,
            "the records are out of order".to_owned(),
        ))
    } else {
        None
    };
    if let Some((kind, what)) = kind {
        let told = |ids: &[String]| match ids {
            [] => "nothing".to_owned(),
            ids => ids.join(" "),
        };
        return Some(Anomaly::new(
            kind,
            format!(
                "{reader}: {what}: there is {}, and {} was read",
                told(expected),
                told(&found)
            ),
        ));
    }
    let numbers = aftermath.sequence_numbers.get(stream)?;
    if json!(numbers[skipped..]) != note["numbers"] {
        let what = format!("{reader}: a record has a sequence number that is not its own");
        return Some(Anomaly::new(AnomalyKind::Corrupt, what));
    }
    (note["end"] != end).then(|| {
        let said = text(&note["end"]);
        let what = format!("{reader}: the reader says `{said}`, and is `{end}`");
        Anomaly::new(AnomalyKind::Corrupt, what)
    })
}

/// A reader that ended because of an expired iterator, or of an empty page.
fn gave_up(aftermath: &Aftermath) -> Option<Anomaly> {
    let struck = |fault: Fault| {
        let strike = |entry: &lab::Entry| entry.struck == Some(fault);
        aftermath.trace.iter().any(strike)
    };
    let restarted = aftermath.trace.iter().any(|entry| entry.life > 1);
    let what = if struck(ExpiredIterator) {
        "an expired iterator ended the reader"
    } else if struck(EmptyPage) {
        "an empty page ended the reader"
    } else {
        return None;
    };
    restarted.then(|| Anomaly::new(AnomalyKind::Stuck, what))
}

fn ids(note: &Value) -> Vec<String> {
    let ids = note["ids"].as_array();
    ids.into_iter().flatten().map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
