//! Records in order, each once, up to the end: whatever kind of end it is.

use super::answer::{self, End};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Dice, Entry, Fault, Scenario, Strike};

const SHARD: &str = "shardId-000000000000";

#[test]
fn an_open_shard_is_read_until_the_reader_has_caught_up() {
    Check::new(
        lab::exercise!(),
        "drain",
        "each record once, in order",
        open(13, 2),
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
    // A handler that takes six minutes for a page: from the second one on, each of the seven finds its iterator expired.
    .under_plan("iterators expired page by page", &[SLOW_PAGE; 6])
    // After a page was handled its iterator has expired, and there is no new one.
    .together(&[SLOW_PAGE, ThrottledOut.at(1)])
    .also([61, 62].map(|seed| {
        let mut dice = Dice::new(seed);
        open(dice.below(6) as usize, 1 + dice.below(4) as u32)
    }))
    .facts(ends)
    .judge();
}

const SLOW_PAGE: Strike = ExpiredIterator.at(2);

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

/// Reads all of the shard, then once more from the second record on, and from the last one.
async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let mut sequence_numbers = Vec::new();
    drain(&aws, "all", None, &mut sequence_numbers).await?;
    if let Some(second) = sequence_numbers.get(1).cloned() {
        drain(&aws, "after 2", Some(&second), &mut Vec::new()).await?;
    }
    if let Some(last) = sequence_numbers.last().cloned() {
        drain(&aws, "after the last", Some(&last), &mut Vec::new()).await?;
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
    for (index, (_, note)) in aftermath.notes.iter().enumerate() {
        if let Some(begun) = note.strip_prefix("begin ") {
            let skipped = match begun {
                "all" => 0,
                "after 2" => 2,
                _ => count,
            };
            expected = (skipped + 1..=count)
                .map(|number| format!("record {number}"))
                .collect();
            (what, at) = (begun, 0);
        } else if let Some(end) = note.strip_prefix("end ") {
            let (_, end) = end.split_once(": ").unwrap_or_default();
            if let Some(missing) = expected.get(at) {
                let told = format!(
                    "{missing} was not handled, and the reader thinks that it is at the end ({what})"
                );
                let lost = Anomaly::of_event(AnomalyKind::Lost, missing, told);
                anomalies.push(match why_missed(end, at, &aftermath.trace) {
                    Some(why) => lost.because(why),
                    None => lost,
                });
            }
            let right = match closed {
                true => "closed, on to shardId-000000000001 and shardId-000000000002",
                false => "caught up",
            };
            if end != right {
                let told = format!("drain ended with `{end}`, expected `{right}` ({what})");
                anomalies
                    .push(Anomaly::new(AnomalyKind::Corrupt, told).because(why_ended(closed, end)));
            }
        } else if expected.get(at) == Some(note) {
            at += 1;
        } else {
            let later = aftermath.notes[index..]
                .iter()
                .map(|(_, note)| note.as_str());
            let later: Vec<_> = later
                .take_while(|note| !note.starts_with("begin "))
                .collect();
            anomalies.push(wrong_record(note, what, &expected, at, &later, &struck));
            return anomalies;
        }
    }
    anomalies
}

/// Why a reader ended after `handled` records and before the last one, where nothing kept it from reading.
fn why_missed(end: &str, handled: usize, trace: &[Entry]) -> Option<&'static str> {
    let has_struck = |fault| trace.iter().any(|entry| entry.struck == Some(fault));
    // What came after an expired iterator, where it was the last fault.
    let then = trace
        .iter()
        .rev()
        .take_while(|entry| entry.struck.is_none())
        .last();
    let is_replaced = then.is_some_and(|entry| entry.operation == "GetShardIterator");
    Some(match end {
        _ if has_struck(ThrottledOut) => {
            "a call that is refused says nothing of what is to come: its error is neither an end nor a reason to begin elsewhere"
        }
        _ if has_struck(ExpiredIterator) && handled == 0 && is_replaced => {
            "the new iterator was another one: where no record has been handled yet it begins after the position, and without \
             one at the oldest record; LATEST begins behind the newest"
        }
        _ if trace
            .iter()
            .any(|entry| entry.struck.is_some_and(|fault| fault != EmptyPage)) =>
        {
            return None;
        }
        _ if handled == 0 && !has_struck(EmptyPage) => {
            "nothing was read: TRIM_HORIZON begins with the oldest record, LATEST behind the newest"
        }
        "caught up" => {
            "it ended at a page that has a next iterator and is more than 0 behind: more is to come, however few records \
             that page holds"
        }
        _ => "the last page of a closed shard, which has no next iterator, may hold records too",
    })
}

/// Why a reader took one end for another.
fn why_ended(closed: bool, end: &str) -> &'static str {
    match (closed, end) {
        (true, "caught up") => {
            "a page without NextShardIterator is the end of the shard, also where it is empty and 0 behind: look at that first"
        }
        (true, _) => "the records are right: the ChildShards of the last page follow, all of them",
        (false, _) => "an open shard never ends: the page had a next iterator",
    }
}

/// A record that was handled when it was not its turn; `later` is what came of this call from then on.
fn wrong_record(
    record: &str,
    what: &str,
    expected: &[String],
    at: usize,
    later: &[&str],
    struck: &[Fault],
) -> Anomaly {
    let is = |other: &String| other == record;
    if !expected.iter().any(is) || expected[..at].iter().any(is) {
        let (how, why) = match expected.iter().any(is) {
            true => (
                "once more",
                "a new iterator has to begin after the last record that was handled",
            ),
            false => (
                "although it is not after the position",
                "reading goes on after a position; AT_SEQUENCE_NUMBER begins at it, TRIM_HORIZON before it",
            ),
        };
        let why = match struck.first() {
            Some(EmptyPage) => {
                "something counts pages, and takes that for records: an empty page has none to skip"
            }
            _ => why,
        };
        let told = format!("{record} was handled {how} ({what})");
        return Anomaly::of_event(AnomalyKind::Duplicate, record, told).because(why);
    }
    let passed = &expected[at];
    if later.contains(&passed.as_str()) {
        let told = format!("{record} was handled too early, before {passed} ({what})");
        return Anomaly::of_event(AnomalyKind::Corrupt, record, told)
            .because("the oldest comes first, within a page and from page to page");
    }
    let told = format!("{passed} was passed over: {record} was handled in its place ({what})");
    Anomaly::of_event(AnomalyKind::Lost, passed, told)
        .because("reading goes on with the first record after what was handled last")
}
