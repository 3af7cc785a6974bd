//! Counts and position agree at every moment, through crashes, late views and windows that close.

use super::answer::{self, LATENESS_SECONDS, SHARD, Source, Tables, WINDOW_SECONDS};
use lab::Fault::*;
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Dice, Scenario};
use std::collections::BTreeMap;

#[test]
fn counts_and_position_agree_at_every_moment() {
    Check::new(
        lab::exercise!(),
        "count",
        "counts and position together",
        scenario(views()),
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
    .also([81].map(|seed| scenario(drawn(seed))))
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

/// Out of order, one too late for its window, and at the end another one.
fn views() -> Vec<i64> {
    [5, 61, 50, 95, 40, 200, 10]
        .map(|second| START + second)
        .to_vec()
}

fn drawn(seed: u64) -> Vec<i64> {
    let mut dice = Dice::new(seed);
    let mut now = START;
    (0..6)
        .map(|_| {
            now += dice.below(70) as i64;
            now - dice.below(80) as i64
        })
        .collect()
}

fn scenario(views: Vec<i64>) -> Scenario {
    let records = views.iter().map(|at| {
        let data = serde_json::json!({ "atSeconds": at });
        ("page".to_owned(), data.to_string().into_bytes())
    });
    Scenario::new(worker)
        .stream("page-views", 1, records.collect())
        .watched_table("windows", "windowStart", Vec::new())
        .watched_table("results", "windowStart", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .items_a_page(1)
        .audit(move |aftermath| {
            let mut anomalies = Vec::from_iter(aftermath.checkpoint_moved_back("checkpoints"));
            anomalies.extend(disagreement(&views, aftermath));
            anomalies
        })
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
    answer::count(&source, &aws.dynamodb, &tables).await
}

/// Counts by the starts of their windows.
type Counts = BTreeMap<i64, i64>;

/// The open and the closed windows after so many views.
fn model(views: &[i64]) -> (Counts, Counts) {
    let (mut open, mut closed) = (Counts::new(), Counts::new());
    let mut latest = i64::MIN / 2;
    for at in views {
        latest = latest.max(*at);
        let is_closed = |start: i64| latest - LATENESS_SECONDS >= start + WINDOW_SECONDS;
        let start = at - at.rem_euclid(WINDOW_SECONDS);
        if !is_closed(start) {
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

/// The first moment at which the windows are not those of the records up to the position; and a position before the end.
fn disagreement(views: &[i64], aftermath: &Aftermath) -> Option<Anomaly> {
    let mut done = 0;
    for tables in aftermath.moments() {
        let items = |table| tables.get(table).copied().unwrap_or_default();
        done = match aftermath.records_done("page-views", SHARD, items("checkpoints")) {
            Ok(done) => done,
            Err(anomaly) => return Some(anomaly),
        };
        let got = (counts(items("windows")), counts(items("results")));
        let expected = model(&views[..done]);
        if got != expected {
            return Some(difference(done, &expected, &got));
        }
    }
    (done < views.len()).then(|| {
        let what = format!(
            "the position is at record {done} of {} when all are counted: the rest is read again each time",
            views.len()
        );
        Anomaly::new(AnomalyKind::Stuck, what)
    })
}

fn difference(done: usize, expected: &(Counts, Counts), got: &(Counts, Counts)) -> Anomaly {
    let sum = |counts: &(Counts, Counts)| counts.0.values().chain(counts.1.values()).sum::<i64>();
    let told = |counts: &(Counts, Counts)| {
        let list = |counts: &Counts| {
            let counts: Vec<_> = counts
                .iter()
                .map(|(start, count)| format!("{count} from second {}", start - START))
                .collect();
            if counts.is_empty() {
                "none".to_owned()
            } else {
                counts.join(", ")
            }
        };
        format!("open: {}; closed: {}", list(&counts.0), list(&counts.1))
    };
    let kind = match sum(got).cmp(&sum(expected)) {
        std::cmp::Ordering::Less => AnomalyKind::Lost,
        std::cmp::Ordering::Greater => AnomalyKind::Duplicate,
        std::cmp::Ordering::Equal => AnomalyKind::Corrupt,
    };
    let what = format!(
        "the position is after record {done}, and the windows are not: {}. Up to that record they should be {}",
        told(got),
        told(expected)
    );
    Anomaly::new(kind, what)
}
