//! Ids are remembered long enough and not for ever, on a clock that the check moves.

use super::answer::{self, Outcome, Repeats, Tables};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Cases, Check, Scenario};
use std::collections::BTreeMap;

#[test]
fn the_horizon_outlasts_every_repeat_and_not_by_much() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "horizon_seconds",
        "longer than any repeat, by a day at most",
        |enough: &Result<(), String>| match enough {
            Ok(()) => "long enough, and not too long".to_owned(),
            Err(what) => what.clone(),
        },
        |_, got| match got {
            Err(what) if what.starts_with("too long") => (
                AnomalyKind::Corrupt,
                "the table holds what nobody will ever ask for, and you pay for it each month",
            ),
            _ => (
                AnomalyKind::Duplicate,
                "an event comes once more when it has been forgotten, and counts twice",
            ),
        },
    );
    for (name, repeats) in [
        ("a day in the stream", [0, 24, 24, 0]),
        ("and a producer that tries 2 days", [48, 24, 24, 0]),
        ("and a redrive within 2 weeks", [48, 24, 24, 336]),
        ("and a retention raised to a week", [48, 24, 168, 336]),
        ("a year in the stream", [1, 8760, 8760, 0]),
        ("a retention that was lowered", [6, 168, 24, 72]),
    ] {
        let [
            producer_hours,
            retention_hours,
            raised_retention_hours,
            redrive_hours,
        ] = repeats;
        let repeats = Repeats {
            producer_hours,
            retention_hours,
            raised_retention_hours,
            redrive_hours,
        };
        cases = cases.case(name, format!("{repeats:?}"), Ok(()), move || {
            judge(&repeats)
        });
    }
    cases.judge();
}

fn judge(repeats: &Repeats) -> Result<(), String> {
    let retention = repeats.retention_hours.max(repeats.raised_retention_hours);
    let hours = i64::from(repeats.producer_hours + retention + repeats.redrive_hours);
    let told = answer::horizon_seconds(repeats);
    if told < hours * 3600 {
        Err(format!(
            "too short: {told} s, and an event may come for {} s",
            hours * 3600
        ))
    } else if told > (hours + 24) * 3600 {
        Err(format!(
            "too long: {told} s, and no event comes after {} s",
            hours * 3600
        ))
    } else {
        Ok(())
    }
}

#[test]
fn an_event_counts_once_within_the_horizon() {
    Check::new(
        lab::exercise!(),
        "apply",
        "once within the horizon, and forgotten after it",
        scenario(HORIZON_SECONDS),
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
    .also([scenario(3 * HORIZON_SECONDS + 5)])
    .facts(|aftermath| {
        let notes = aftermath.notes.iter().map(|(_, note)| note.clone());
        notes
            .filter_map(|note| {
                let (at, what) = note.split_once(": ")?;
                Some((at.to_owned(), what.to_owned()))
            })
            .collect()
    })
    .judge();
}

/// 2026-01-01T00:00:00Z: the clock of the deliveries, whoever is at work.
const START: i64 = 1_767_225_600;

/// Ten days.
const HORIZON_SECONDS: i64 = 10 * 24 * 3600;

/// When which event comes, in seconds since the start.
fn deliveries(horizon_seconds: i64) -> [(&'static str, i64, &'static str); 6] {
    [
        ("at the start", 0, "evt_1"),
        ("an hour later", 3600, "evt_1"),
        ("two hours later", 7200, "evt_2"),
        ("a second before the horizon", horizon_seconds - 1, "evt_1"),
        ("at the horizon", horizon_seconds, "evt_1"),
        ("an hour after the horizon", horizon_seconds + 3600, "evt_2"),
    ]
}

fn scenario(horizon_seconds: i64) -> Scenario {
    Scenario::new(move |aws| worker(horizon_seconds, aws))
        .table("processed-events", "eventId", Vec::new())
        .table("effects", "eventId", Vec::new())
        .audit(move |aftermath| audit(horizon_seconds, aftermath))
}

async fn worker(horizon_seconds: i64, aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        processed_events: aws.name("processed-events"),
        effects: aws.name("effects"),
    };
    answer::prepare(&aws.dynamodb, &tables).await?;
    for (when, seconds, event) in deliveries(horizon_seconds) {
        let outcome = answer::apply(
            &aws.dynamodb,
            &tables,
            event,
            START + seconds,
            horizon_seconds,
        )
        .await?;
        let outcome = match outcome {
            Outcome::Applied => "applied",
            Outcome::Duplicate => "duplicate",
        };
        aws.note(format!("{when}: {event} {outcome}"));
    }
    let described = aws
        .dynamodb
        .describe_time_to_live()
        .table_name(&tables.processed_events)
        .send()
        .await?;
    let ttl = described.time_to_live_description();
    let status = ttl
        .and_then(|ttl| ttl.time_to_live_status())
        .map(|status| status.as_str());
    let is_on = matches!(status, Some("ENABLED" | "ENABLING"));
    let attribute = ttl.and_then(|ttl| ttl.attribute_name()).filter(|_| is_on);
    aws.note(format!("time to live: {}", attribute.unwrap_or("off")));
    Ok(())
}

fn audit(horizon_seconds: i64, aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    // evt_1 is forgotten at the horizon, and comes once more; evt_2 an hour before it would be.
    for (event, expected) in BTreeMap::from([("evt_1", 2), ("evt_2", 1)]) {
        let item = aftermath
            .items("effects")
            .iter()
            .find(|item| Aftermath::text(item, "eventId") == Some(event));
        let times = item.and_then(|item| Aftermath::number(item, "times"));
        let times = times.unwrap_or(0);
        let kind = match times.cmp(&expected) {
            std::cmp::Ordering::Less => AnomalyKind::Lost,
            std::cmp::Ordering::Greater => AnomalyKind::Duplicate,
            std::cmp::Ordering::Equal => continue,
        };
        let told: Vec<_> = aftermath
            .notes
            .iter()
            .filter_map(|(_, note)| note.split_once(": "))
            .filter(|(_, what)| what.starts_with(event))
            .map(|(when, what)| format!("{when} {}", &what[event.len() + 1..]))
            .collect();
        let what = format!(
            "{event} had its effect {times} times, expected {expected} ({})",
            told.join(", ")
        );
        let mut anomaly = Anomaly::of_event(kind, event, what);
        if aftermath.is_plain() {
            anomaly = anomaly.because(
                "remembered before expiresAtEpochSeconds, forgotten from that second on, deleted or not",
            );
        }
        anomalies.push(anomaly);
    }
    let mut ttl = aftermath
        .notes
        .iter()
        .filter_map(|(_, note)| note.strip_prefix("time to live: "));
    if let Some(other) = ttl.find(|attribute| *attribute != "expiresAtEpochSeconds") {
        let what = format!(
            "time to live is {other}, expected expiresAtEpochSeconds: nothing is ever deleted"
        );
        anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what));
    }
    // Each was remembered last when it was applied last.
    for (event, applied) in [("evt_1", horizon_seconds), ("evt_2", 7200)] {
        let expected = (START + applied + horizon_seconds).to_string();
        let item = aftermath
            .items("processed-events")
            .iter()
            .find(|item| Aftermath::text(item, "eventId") == Some(event));
        let expires = item.and_then(|item| item.get("expiresAtEpochSeconds")?["N"].as_str());
        if expires != Some(&expected) {
            let what = format!(
                "{event} expires at the second {}, expected {expected}: time to live counts in seconds",
                expires.unwrap_or("that is missing or no number")
            );
            anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what));
        }
    }
    anomalies
}
