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
        Scenario::new(worker)
            .table("processed-events", "eventId", Vec::new())
            .table("effects", "eventId", Vec::new())
            .audit(audit),
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
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead])
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
const DELIVERIES: [(&str, i64, &str); 6] = [
    ("at the start", 0, "evt_1"),
    ("an hour later", 3600, "evt_1"),
    ("two hours later", 7200, "evt_2"),
    ("a second before the horizon", HORIZON_SECONDS - 1, "evt_1"),
    ("at the horizon", HORIZON_SECONDS, "evt_1"),
    ("an hour after the horizon", HORIZON_SECONDS + 3600, "evt_2"),
];

async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        processed_events: aws.name("processed-events"),
        effects: aws.name("effects"),
    };
    answer::prepare(&aws.dynamodb, &tables).await?;
    for (when, seconds, event) in DELIVERIES {
        let outcome = answer::apply(
            &aws.dynamodb,
            &tables,
            event,
            START + seconds,
            HORIZON_SECONDS,
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

fn audit(aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    // evt_1 is forgotten at the horizon, and comes once more; evt_2 an hour before it would be.
    for (event, expected) in BTreeMap::from([("evt_1", 2), ("evt_2", 1)]) {
        let item = aftermath
            .items("effects")
            .iter()
            .find(|item| Aftermath::text(item, "eventId") == Some(event));
        let times = item.and_then(|item| item.get("times")?["N"].as_str()?.parse().ok());
        let times: i32 = times.unwrap_or(0);
        let kind = match times.cmp(&expected) {
            std::cmp::Ordering::Less => AnomalyKind::Lost,
            std::cmp::Ordering::Greater => AnomalyKind::Duplicate,
            std::cmp::Ordering::Equal => continue,
        };
        let what = format!("{event} had its effect {times} times, expected {expected}");
        anomalies.push(Anomaly::of_event(kind, event, what));
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
    let is_number = |item: &lab::world::Item| item["expiresAtEpochSeconds"]["N"].is_string();
    let remembered = aftermath.items("processed-events");
    if let Some(item) = remembered
        .iter()
        .find(|item| item.get("expiresAtEpochSeconds").is_none() || !is_number(item))
    {
        let event = Aftermath::text(item, "eventId").unwrap_or_default();
        let what =
            format!("{event} has no expiresAtEpochSeconds that is a number: it is never deleted");
        anomalies.push(Anomaly::new(AnomalyKind::Corrupt, what));
    }
    anomalies
}
