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
        Denied,
        Redelivered,
    ])
    .also([scenario(&drawn(51)), scenario(&with_broken_ones(&[5]))])
    // What is in flight before the broken record may fail as well, and for another reason.
    .also_under(
        &[CrashBefore, CrashAfter, ThrottledOut],
        [scenario(&with_broken_ones(&[3, 5]))],
    )
    .also_once([
        scenario(&long()),
        scenario(&with_broken_ones(&[8])),
        scenario(&broken_early()),
    ])
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

/// Some of these can never be handled. The sixth says so first, then the fourth while the second is still in flight, and the
/// seventh at last.
fn with_broken_ones(places: &[usize]) -> Vec<Record> {
    let mut shard = shard(&[1, 8, 2, 7, 1, 1, 9, 2, 4]);
    for place in places {
        shard[*place].is_broken = true;
    }
    shard
}

/// Forty records, none of which keeps the others waiting for long.
fn long() -> Vec<Record> {
    let mut dice = Dice::new(52);
    let seconds: Vec<_> = (0..40).map(|_| 2 + dice.below(2)).collect();
    shard(&seconds)
}

/// The same, and the third one can never be handled.
fn broken_early() -> Vec<Record> {
    let mut shard = long();
    shard[2].is_broken = true;
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
    if let Some(early) = worker.begun_too_early() {
        aws.note(format!("early {early}"));
    }
    let Err(error) = result else {
        return Ok(());
    };
    let named = broken_ones_in(&shard, &*error);
    if named.is_empty() {
        return Err(error);
    }
    // A supervisor would start it again and again. One error of a broken record is enough here.
    aws.note(format!("error {}", named.join(" ")));
    Ok(())
}

/// The broken records that an error names, itself or in what caused it.
fn broken_ones_in<'a>(
    shard: &'a [Record],
    error: &(dyn std::error::Error + 'static),
) -> Vec<&'a str> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let said: String = causes.map(|cause| format!("{cause} ")).collect();
    let broken = shard.iter().filter(|record| record.is_broken);
    let ids = broken.map(|record| record.event_id.as_str());
    ids.filter(|id| said.contains(id)).collect()
}

/// A record that was handled although one long before it cannot be. Some are in flight, and some more are begun until its
/// error is heard.
fn went_on(shard: &[Record], broken: usize, aftermath: &Aftermath) -> Option<Anomaly> {
    let handled = aftermath.items("handled-events").iter();
    let handled: Vec<_> = handled
        .filter_map(|item| Aftermath::text(item, "eventId"))
        .collect();
    let beyond = shard.iter().skip(broken + 2 * IN_FLIGHT + 1);
    let found = beyond
        .map(|record| record.event_id.as_str())
        .find(|id| handled.contains(id))?;
    let what = format!(
        "{found} was handled, and {} cannot be",
        shard[broken].event_id
    );
    Some(Anomaly::new(AnomalyKind::Corrupt, what).because(
        "a record that cannot be handled stops the shard there: begin none behind it once its error has been heard",
    ))
}

fn audit(shard: &[Record], aftermath: &Aftermath) -> Vec<Anomaly> {
    let broken = shard.iter().position(|record| record.is_broken);
    let mut anomalies = lost(shard, broken, aftermath);
    anomalies.extend(broken.and_then(|broken| went_on(shard, broken, aftermath)));
    anomalies.extend(aftermath.checkpoint_moved_back("checkpoints"));
    if let Some(most) = numbers(aftermath, "in flight ").max()
        && most > IN_FLIGHT as u64
    {
        let what = format!("{most} records were in flight at one time, {IN_FLIGHT} may be");
        anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what).because(
            "whoever may handle any number at a time falls over when the shard is long: count, or take turns",
        ));
    }
    let mut early = aftermath
        .notes
        .iter()
        .filter_map(|(_, note)| note.strip_prefix("early "));
    if let Some(id) = early.next() {
        let what = format!("{id} was begun before a record that comes before it");
        anomalies.push(
            Anomaly::new(AnomalyKind::Corrupt, what)
                .because("who begins out of order lets the first gap, and so the position, stand still for longer"),
        );
    }
    if !aftermath.ended || !anomalies.is_empty() {
        return anomalies;
    }
    anomalies.extend(wrong_end(shard, broken, aftermath));
    if aftermath.is_plain() {
        anomalies.extend(too_slow(shard, broken, aftermath));
        anomalies.extend(wrong_number_of_saves(shard, broken, aftermath));
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
        Anomaly::of_event(AnomalyKind::Lost, id, what).because(
            "the position was saved over a gap: a later record was done, and this one was not",
        )
    })
    .collect()
}

fn wrong_end(shard: &[Record], broken: Option<usize>, aftermath: &Aftermath) -> Option<Anomaly> {
    let saved = place(shard, position(aftermath));
    let expected = broken.unwrap_or(shard.len());
    let mut notes = aftermath.notes.iter();
    let named = notes.find_map(|(_, note)| note.strip_prefix("error "));
    if broken.is_some() && named.is_none() {
        let what = "a record cannot be handled, and nobody hears of it: process returned Ok";
        return Some(Anomaly::new(AnomalyKind::Corrupt, what).because(
            "an error of a record is the answer of process, once those before it are saved",
        ));
    }
    if broken.is_some() && has_two_errors(aftermath) {
        return None;
    }
    if saved == expected {
        return broken.and_then(|at| wrong_error(&shard[at].event_id, named?));
    }
    let (which, why) = match broken {
        Some(at) => (
            format!(" before {}, which is broken,", shard[at].event_id),
            "await what is in flight before the broken record, save the prefix, and only then return the error",
        ),
        None => (
            String::new(),
            "what is handled and not saved is handled again: save what is left at the end, and await it",
        ),
    };
    let what = format!(
        "{expected} records{which} were to be handled and saved, and the position is behind {saved}: \
         each worker that starts here repeats the others"
    );
    Some(Anomaly::new(AnomalyKind::Duplicate, what).because(why))
}

/// Whether AWS refused a call of the last worker, who returned the error of a broken record: either of the two will do.
fn has_two_errors(aftermath: &Aftermath) -> bool {
    let mut trace = aftermath.trace.iter().rev();
    let last = aftermath.trace.last().map(|entry| entry.life);
    trace.any(|entry| Some(entry.life) == last && entry.struck == Some(ThrottledOut))
}

/// What is wrong with an error that names the records `named`, where `first` stops the shard.
fn wrong_error(first: &str, named: &str) -> Option<Anomaly> {
    (!named.split(' ').any(|id| id == first)).then(|| {
        let what = format!("{first} is broken and stops the shard, and process returned the error of {named}");
        Anomaly::new(AnomalyKind::Corrupt, what).because(
            "of several that fail, the first in the order of the shard stops it, whichever is heard first or last: keep its error",
        )
    })
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
            .because("a place stood empty: begin the next record as soon as any other is done")
    })
}

/// At least one save for every 5 records, and at most one for each.
fn wrong_number_of_saves(
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
    if broken.is_none() && saves > shard.len() {
        let what = format!(
            "the position was saved {saves} times for {} records",
            shard.len()
        );
        let anomaly = Anomaly::new(AnomalyKind::Corrupt, what);
        return Some(anomaly.because("a save that moves nothing is a write that you pay for"));
    }
    (broken.is_none() && saves < least).then(|| {
        let what = format!(
            "the position was saved {saves} times for {} records: a crash before the last save repeats too many",
            shard.len()
        );
        Anomaly::new(AnomalyKind::Duplicate, what)
            .because("save whenever the prefix has moved, not when everything is done")
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
