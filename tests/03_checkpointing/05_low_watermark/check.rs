//! Records finish in any order, and no crash loses one.

use super::answer::{self, IN_FLIGHT, Record, Worker};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Dice, Outcome, Scenario};
use std::time::Duration;

#[test]
fn the_position_stays_behind_the_first_gap() {
    let shard = shard(&[9, 2, 1, 4, 1, 7, 2, 3, 1, 5]);
    let count = shard.len() as u32;
    let facts_of = shard.clone();
    Check::new(
        lab::exercise!(),
        "process",
        "nothing lost, whatever finishes first",
        scenario(&shard),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Redelivered,
    ])
    .also([scenario(&drawn(51)), scenario(&with_a_broken_one())])
    .budget(Budget {
        per: "record",
        count: count + 1,
        calls: 2,
        capacity_units: 2,
    })
    .facts(move |aftermath| {
        let handled = aftermath.items("handled-events").len();
        let place = place(&facts_of, position(aftermath));
        vec![
            ("handled".into(), format!("{handled} of {count} records")),
            ("position".into(), format!("behind {place} records")),
            (
                "at one time".into(),
                format!("more than 1, at most {IN_FLIGHT}"),
            ),
        ]
    })
    .judge();
}

/// A shard whose records take so many seconds each.
fn shard(seconds: &[u64]) -> Vec<Record> {
    let record = |(at, seconds): (usize, &u64)| Record {
        sequence_number: 1000 + 7 * at as u64,
        event_id: format!("evt_{}", at + 1),
        takes: Duration::from_secs(*seconds),
        is_broken: false,
    };
    seconds.iter().enumerate().map(record).collect()
}

/// A shard drawn from a seed.
fn drawn(seed: u64) -> Vec<Record> {
    let mut dice = Dice::new(seed);
    let seconds: Vec<_> = (0..9).map(|_| 1 + dice.below(9)).collect();
    shard(&seconds)
}

/// The fifth of these can never be handled. It says so early, while two before it are still in flight.
fn with_a_broken_one() -> Vec<Record> {
    let mut shard = shard(&[1, 6, 2, 7, 1, 3, 1, 2, 4]);
    shard[4].is_broken = true;
    shard
}

fn scenario(shard: &[Record]) -> Scenario {
    let (worked, audited) = (shard.to_vec(), shard.to_vec());
    Scenario::new(move |aws| work(worked.clone(), aws))
        .table("handled-events", "eventId", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| audit(&audited, aftermath))
}

async fn work(shard: Vec<Record>, aws: Aws) -> Result<(), answer::Error> {
    let is_broken = shard.iter().any(|record| record.is_broken);
    let worker = Worker::new(
        aws.dynamodb.clone(),
        aws.name("handled-events"),
        aws.name("checkpoints"),
        &shard,
    );
    let begin = tokio::time::Instant::now();
    let result = answer::process(&worker).await;
    aws.note(format!("took {}", begin.elapsed().as_millis()));
    aws.note(format!("in flight {}", worker.most_in_flight()));
    match result {
        // A supervisor would start it again and again. One error is enough here.
        Err(error) if is_broken => {
            aws.note(format!("error {error}"));
            Ok(())
        }
        result => result,
    }
}

fn audit(shard: &[Record], aftermath: &Aftermath) -> Vec<Anomaly> {
    let broken = shard.iter().position(|record| record.is_broken);
    let mut anomalies = lost(shard, broken, aftermath);
    anomalies.extend(aftermath.checkpoint_moved_back("checkpoints"));
    if let Some(most) = numbers(aftermath, "in flight ").max()
        && most > IN_FLIGHT as u64
    {
        let what = format!("{most} records were in flight at one time, {IN_FLIGHT} may be");
        anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what));
    }
    if !aftermath.ended || !anomalies.is_empty() {
        return anomalies;
    }
    anomalies.extend(wrong_end(shard, broken, aftermath));
    if aftermath.is_plain() {
        anomalies.extend(too_slow(shard, broken, aftermath));
        anomalies.extend(too_few_saves(shard, broken, aftermath));
    }
    anomalies
}

/// The records that nobody handled, and nobody will.
fn lost(shard: &[Record], broken: Option<usize>, aftermath: &Aftermath) -> Vec<Anomaly> {
    let saved = place(shard, position(aftermath));
    let is_handled = |record: &Record| {
        let mut items = aftermath.items("handled-events").iter();
        items.any(|item| Aftermath::text(item, "eventId") == Some(&record.event_id))
    };
    let covered = match broken {
        Some(_) => saved,
        None => shard.len(),
    };
    let lost = shard[..covered].iter().filter(|record| !is_handled(record));
    lost.map(|record| {
        let id = record.event_id.as_str();
        let what = match record.sequence_number <= position(aftermath) {
            true => format!("{id} was never handled, and the saved position is behind it"),
            false => format!("{id} was never handled, and the worker says that it is done"),
        };
        Anomaly::of_event(AnomalyKind::Lost, id, what)
    })
    .collect()
}

fn wrong_end(shard: &[Record], broken: Option<usize>, aftermath: &Aftermath) -> Option<Anomaly> {
    let saved = place(shard, position(aftermath));
    let expected = broken.unwrap_or(shard.len());
    let said = |note: &str| note.starts_with("error ");
    if broken.is_some() && !aftermath.notes.iter().any(|(_, note)| said(note)) {
        let what = "a record cannot be handled, and nobody hears of it: process returned Ok";
        return Some(Anomaly::new(AnomalyKind::Corrupt, what));
    }
    if saved == expected {
        return None;
    }
    let what = format!(
        "{expected} records were to be handled and saved, and the position is behind {saved}: \
         each worker that starts here repeats the others"
    );
    Some(Anomaly::new(AnomalyKind::Duplicate, what))
}

fn too_slow(shard: &[Record], broken: Option<usize>, aftermath: &Aftermath) -> Option<Anomaly> {
    // How the work of a drawn shard is best shared out is another question.
    if broken.is_some() || shard[0].takes < Duration::from_secs(9) {
        return None;
    }
    let sum: Duration = shard.iter().map(|record| record.takes).sum();
    let took = Duration::from_millis(numbers(aftermath, "took ").max()?);
    (took > sum * 2 / 3).then(|| {
        let what = format!(
            "the records took {} s, one after another they would take {} s: the shard falls behind",
            took.as_secs(),
            sum.as_secs()
        );
        Anomaly::new(AnomalyKind::Stuck, what)
    })
}

fn too_few_saves(
    shard: &[Record],
    broken: Option<usize>,
    aftermath: &Aftermath,
) -> Option<Anomaly> {
    let saves = aftermath.trace.iter().filter(|entry| {
        entry.resources == ["checkpoints"]
            && entry.operation != "GetItem"
            && entry.outcome == Outcome::Ok
    });
    let (saves, least) = (saves.count(), shard.len() / 5);
    (broken.is_none() && saves < least).then(|| {
        let what = format!(
            "the position was saved {saves} times for {} records: a crash before the last save repeats too many",
            shard.len()
        );
        Anomaly::new(AnomalyKind::Duplicate, what)
    })
}

/// The saved position; 0 where there is none.
fn position(aftermath: &Aftermath) -> u64 {
    let item = aftermath.items("checkpoints").first();
    item.and_then(|item| Aftermath::text(item, "sequenceNumber")?.parse().ok())
        .unwrap_or(0)
}

/// How many records a position covers.
fn place(shard: &[Record], position: u64) -> usize {
    let covered = shard
        .iter()
        .filter(|record| record.sequence_number <= position);
    covered.count()
}

/// The numbers in notes that begin so.
fn numbers<'a>(aftermath: &'a Aftermath, prefix: &'a str) -> impl Iterator<Item = u64> + 'a {
    let notes = aftermath.notes.iter();
    notes.filter_map(move |(_, note)| note.strip_prefix(prefix)?.parse().ok())
}
