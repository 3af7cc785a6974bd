//! Counts and position agree at every moment, through crashes, late views and windows that close.

use super::answer::{self, LATENESS_SECONDS, SHARD, Source, Tables, WINDOW_SECONDS};
use lab::Fault::*;
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Dice, Scenario, Strike};
use std::collections::BTreeMap;

#[test]
fn counts_and_position_agree_at_every_moment() {
    Check::new(
        lab::exercise!(),
        "count",
        "counts and position together",
        scenario(views()).items_a_page(1),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Conflict,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    // One worker has one of its first reads behind it when the other one saves a record.
    .under_plan("overtaken while it loads", &[Strike::in_turns(2, [1, 5])])
    .also_under(
        &[StaleRead, Zombie, TwoWorkers],
        [scenario(edges()).items_a_page(1).grows(&ARRIVALS)],
    )
    .also_once([81, 82].map(|seed| scenario(drawn(seed)).items_a_page(1)))
    .also_once([scenario(far_ahead())])
    // A crash behind the first transaction of whoever does as many records as fit.
    .also_at(&[TokenExpired.at(1)], backlog(each_minute()))
    .also_under(
        &[NoAnswer, ServerError, Denied],
        [scenario(few()).items_a_page(1)],
    )
    .facts(|aftermath| {
        let told = |table: &str| {
            let counts = counts(aftermath.items(table)).into_iter();
            let counts: Vec<_> = counts
                .map(|(start, count)| format!("{count} from second {}", start - START))
                .collect();
            counts.join(", ")
        };
        vec![
            ("closed windows".into(), told("results")),
            ("open windows".into(), told("windows")),
        ]
    })
    .judge();
}

/// A full minute: the first window of all begins here.
const START: i64 = 1_767_225_600;

fn seconds_after(start: i64, seconds: &[i64]) -> Vec<i64> {
    seconds.iter().map(|second| start + second).collect()
}

/// Out of order, and at the end two that are too late for their window: neither changes anything but the position.
fn views() -> Vec<i64> {
    seconds_after(START, &[5, 61, 50, 95, 200, 10, 20])
}

/// Each edge of a window and of the lateness, from both sides.
fn edges() -> Vec<i64> {
    // 89, 90: a second before the first window closes, and that second. 40, 41: late, one after the other, so that a crash
    // may fall between them. 95: behind the watermark, and its window is open. 420: closes two windows, and passes some that
    // have no view. 250: late for one of these. 10: late, at the end.
    seconds_after(START, &[5, 61, 50, 89, 90, 40, 41, 130, 95, 420, 250, 10])
}

/// Whoever does many records in one transaction finds the windows of others only where more records arrive. After the first
/// two, two windows are open. The next three close one of these at its very second, so that whoever began before them has to
/// know it. Then come two that are late, and others; and at the end again two that are late, and none else.
const ARRIVALS: [usize; 3] = [2, 5, 10];

/// One window closes, and a view is late for it.
fn few() -> Vec<i64> {
    seconds_after(START, &[5, 95, 20])
}

/// In the year 2286 seconds get another digit.
fn far_ahead() -> Vec<i64> {
    const START: i64 = 10_000_000_000 - 40;
    seconds_after(START, &[5, 65, 50, 95, 130, 20])
}

/// A shard that was left alone for so long that all its windows do not fit into one transaction.
fn each_minute() -> Vec<i64> {
    (0..105)
        .map(|minute| START + minute * WINDOW_SECONDS)
        .collect()
}

fn drawn(seed: u64) -> Vec<i64> {
    let mut dice = Dice::new(seed);
    let mut now = START;
    (0..30)
        .map(|_| {
            now += dice.below(70) as i64;
            now - dice.below(80) as i64
        })
        .collect()
}

fn scenario(views: Vec<i64>) -> Scenario {
    Scenario::new(worker)
        .stream("page-views", 1, records(&views))
        .watched_table("windows", "windowStart", Vec::new())
        .watched_table("results", "windowStart", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let mut anomalies = Vec::from_iter(aftermath.checkpoint_moved_back("checkpoints"));
            anomalies.extend(disagreement(&views, aftermath));
            anomalies.extend(aftermath.ended_too_early("page-views", SHARD, "checkpoints"));
            anomalies
        })
}

/// Many views. Their windows are looked at in the end only: a hundred versions of up to a hundred items take their time.
fn backlog(views: Vec<i64>) -> Scenario {
    Scenario::new(worker)
        .stream("page-views", 1, records(&views))
        .table("windows", "windowStart", Vec::new())
        .table("results", "windowStart", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let windows = |table| counts(aftermath.items(table));
            let (got, expected) = ((windows("windows"), windows("results")), model(&views));
            let wrong = (got != expected).then(|| {
                let (is, should) = only_different(&got, &expected);
                let what = format!(
                    "in the end some windows are not: {}. They should be {}",
                    told(&is),
                    told(&should)
                );
                let anomaly = Anomaly::new(kind(&got, &expected), what);
                match aftermath.has_struck(TokenExpired) {
                    true => anomaly.because(ONE_BATCH),
                    false => anomaly,
                }
            });
            let mut anomalies = Vec::from_iter(wrong);
            anomalies.extend(aftermath.ended_too_early("page-views", SHARD, "checkpoints"));
            anomalies
        })
}

const ONE_BATCH: &str = "the counts of a batch and the position belong in one transaction: a crash between two leaves counts of records that come again";

/// The windows in which two states differ.
fn only_different(
    one: &(Counts, Counts),
    other: &(Counts, Counts),
) -> ((Counts, Counts), (Counts, Counts)) {
    let different = |one: &Counts, other: &Counts| -> Counts {
        let of_one = one
            .iter()
            .filter(|(start, count)| other.get(start) != Some(count));
        of_one.map(|(start, count)| (*start, *count)).collect()
    };
    let both = |one: &(Counts, Counts), other: &(Counts, Counts)| {
        (different(&one.0, &other.0), different(&one.1, &other.1))
    };
    (both(one, other), both(other, one))
}

fn records(views: &[i64]) -> Vec<(String, Vec<u8>)> {
    let record = |at: &i64| {
        let data = serde_json::json!({ "atSeconds": at });
        ("page".to_owned(), data.to_string().into_bytes())
    };
    views.iter().map(record).collect()
}

async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let source = Source {
        kinesis: aws.kinesis.clone(),
        page_views: aws.name("page-views"),
    };
    let tables = Tables {
        windows: aws.name("windows"),
        results: aws.name("results"),
        checkpoints: aws.name("checkpoints"),
    };
    answer::count(&source, &aws.dynamodb, &tables).await?;
    aws.note(Aftermath::ENDED);
    Ok(())
}

/// Counts by the starts of their windows.
type Counts = BTreeMap<i64, i64>;

/// The open and the closed windows after so many views.
fn model(views: &[i64]) -> (Counts, Counts) {
    model_with(views, |_, _| true)
}

/// The same, if of a view at some time only what `counts` counts, given the watermark.
fn model_with(views: &[i64], counts: impl Fn(i64, i64) -> bool) -> (Counts, Counts) {
    let (mut open, mut closed) = (Counts::new(), Counts::new());
    let mut latest = i64::MIN / 2;
    for at in views {
        latest = latest.max(*at);
        let watermark = latest - LATENESS_SECONDS;
        let is_closed = |start: i64| watermark >= start + WINDOW_SECONDS;
        let start = at - at.rem_euclid(WINDOW_SECONDS);
        if !is_closed(start) && counts(*at, watermark) {
            *open.entry(start).or_default() += 1;
        }
        let (closing, staying): (Counts, Counts) =
            open.into_iter().partition(|(start, _)| is_closed(*start));
        closed.extend(closing);
        open = staying;
    }
    (open, closed)
}

fn counts(items: &[Item]) -> Counts {
    let count = |item: &Item| {
        let start = Aftermath::text(item, "windowStart")?.parse().ok()?;
        Some((start, Aftermath::number(item, "count")?))
    };
    items.iter().filter_map(count).collect()
}

/// A moment: how many records are done, and the open and the closed windows.
type Moment = (usize, (Counts, Counts));

/// The first moment at which the windows are not those of the records up to the position; and a position before the end.
fn disagreement(views: &[i64], aftermath: &Aftermath) -> Option<Anomaly> {
    let mut moments: Vec<Moment> = Vec::new();
    for tables in aftermath.moments() {
        let items = |table| tables.get(table).copied().unwrap_or_default();
        let done = match aftermath.records_done("page-views", SHARD, items("checkpoints")) {
            Ok(done) => done,
            Err(anomaly) => return Some(anomaly),
        };
        moments.push((done, (counts(items("windows")), counts(items("results")))));
    }
    let is_wrong = |(done, got): &Moment| *got != model(&views[..*done]);
    if let Some(wrong) = moments.iter().position(is_wrong) {
        return Some(difference(views, aftermath, &moments, wrong));
    }
    let done = moments.last().map_or(0, |(done, _)| *done);
    if done == views.len() {
        return None;
    }
    let ended = if aftermath.ended {
        "the worker has ended well, and "
    } else {
        ""
    };
    let what = format!(
        "{ended}the position is at record {done} of {} when all are counted: the rest is read again each time",
        views.len()
    );
    let anomaly = Anomaly::new(AnomalyKind::Stuck, what);
    Some(
        match aftermath.ended && (done..views.len()).all(|record| is_late(views, record)) {
            true => anomaly.because("a late view moves the position all the same"),
            false => anomaly,
        },
    )
}

fn latest(views: &[i64]) -> i64 {
    views.iter().copied().max().unwrap_or(i64::MIN / 2)
}

/// Whether a record, counted from 0, is too late for its window.
fn is_late(views: &[i64], record: usize) -> bool {
    let start = views[record] - views[record].rem_euclid(WINDOW_SECONDS);
    latest(&views[..=record]) - LATENESS_SECONDS >= start + WINDOW_SECONDS
}

fn difference(views: &[i64], aftermath: &Aftermath, moments: &[Moment], wrong: usize) -> Anomaly {
    let (done, got) = &moments[wrong];
    let expected = model(&views[..*done]);
    let mut writes = aftermath
        .versions
        .chunk_by(|one, next| one.moment == next.moment);
    let call = writes.nth(wrong).map_or(0, |write| write[0].attempts);
    let what = format!(
        "after call {call} the position is after record {done}, and the windows are not: {}. Up to that record they \
         should be {}",
        told(got),
        told(&expected)
    );
    let anomaly = Anomaly::new(kind(got, &expected), what);
    match reason(views, aftermath, moments, wrong) {
        Some(why) => anomaly.because(why),
        None => anomaly,
    }
}

fn kind(got: &(Counts, Counts), expected: &(Counts, Counts)) -> AnomalyKind {
    match sum(got).cmp(&sum(expected)) {
        std::cmp::Ordering::Less => AnomalyKind::Lost,
        std::cmp::Ordering::Greater => AnomalyKind::Duplicate,
        std::cmp::Ordering::Equal => AnomalyKind::Corrupt,
    }
}

fn sum((open, closed): &(Counts, Counts)) -> i64 {
    open.values().chain(closed.values()).sum()
}

fn told((open, closed): &(Counts, Counts)) -> String {
    let list = |counts: &Counts| {
        let counts = counts.iter();
        let counts: Vec<_> = counts
            .map(|(start, count)| format!("{count} from second {}", start - START))
            .collect();
        match counts.is_empty() {
            true => "none".to_owned(),
            false => counts.join(", "),
        }
    };
    format!("open: {}; closed: {}", list(open), list(closed))
}

/// Why the windows are wrong at this moment, as far as what came before and after it tells.
fn reason(
    views: &[i64],
    aftermath: &Aftermath,
    moments: &[Moment],
    wrong: usize,
) -> Option<&'static str> {
    let (before, (_, closed_before)) = wrong
        .checked_sub(1)
        .map_or_else(Moment::default, |last| moments[last].clone());
    let (done, got) = &moments[wrong];
    let (open, closed) = got;
    let expected = model(&views[..*done]);
    let lacks_a_result = expected.1.keys().any(|start| !closed.contains_key(start));
    let a_result_changed = closed_before
        .iter()
        .any(|(start, count)| closed.get(start) != Some(count));
    let a_late_one_counts = (before..*done).any(|record| is_late(views, record))
        && (sum(got) > sum(&expected) || a_result_changed);
    if !aftermath.is_plain() {
        let was_lost = aftermath
            .trace
            .iter()
            .any(|entry| matches!(entry.struck, Some(CrashBefore | CrashAfter | ThrottledOut)));
        if aftermath.has_struck(StaleRead) {
            return Some(
                "a read without ConsistentRead, or a later page without it, may lack the last write: the counts went on from there",
            );
        }
        return (was_lost && (a_late_one_counts || lacks_a_result)).then_some(
            "the new worker did not know how far time had come: what decides who is late is stored with the position",
        );
    }
    let mut later = moments[wrong + 1..].iter();
    if later.any(|(then, windows)| match then == done {
        true => *windows == expected,
        false => windows == got && *windows == model(&views[..*then]),
    }) {
        return Some(
            "position and counts are two writes here, and a crash between them makes them disagree: one transaction does both",
        );
    }
    let closes = |start: &i64| closed.contains_key(start) && !closed_before.contains_key(start);
    if open.keys().any(closes) {
        return Some(
            "a window that closes moves: its result, its end in `windows` and the position belong in one transaction",
        );
    }
    if a_late_one_counts {
        return Some(
            "a view whose window is closed, by the latest time of all records so far, moves the position and changes no count",
        );
    }
    if *got == model_with(&views[..*done], |at, watermark| at >= watermark) {
        return Some(
            "a view counts as long as its window is open, also where its own time is behind the watermark",
        );
    }
    if sum(got) < sum(&expected) {
        if aftermath.left_pages() {
            return Some(
                "the windows come in pages: where an answer has a LastEvaluatedKey, more of them follow",
            );
        }
        if moments.iter().all(|(_, (open, _))| open.is_empty()) {
            return Some(
                "an open window is an item of `windows` as soon as the position is past its first view: nobody finds it elsewhere",
            );
        }
        if done - before > 1 && open == &expected.0 {
            return Some("a window that closes within a batch takes the views of that batch along");
        }
        return None;
    }
    if closed.values().any(|count| *count == 0) {
        return Some("a window without a view has no result");
    }
    if closed.keys().any(|start| !expected.1.contains_key(start)) {
        return Some("a window closes when the watermark has reached its end, and no earlier");
    }
    lacks_a_result.then_some(
        "a record closes each window whose end the watermark reaches with it: that second is enough, and there may be several",
    )
}
