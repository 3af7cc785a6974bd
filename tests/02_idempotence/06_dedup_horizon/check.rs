//! Ids are remembered long enough and not for ever, on a clock that the check moves.

use super::answer::{self, Outcome, Repeats, Tables};
use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
use lab::Fault::*;
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Cases, Check, Scenario};
use std::cmp::Ordering;

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
        ("a week in an outage, without a redrive", [0, 24, 168, 0]),
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
    ])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    .race(race())
    .also([scenario(3 * HORIZON_SECONDS + 5)])
    .also_under(&[ThrottledOut], [on_by_another_attribute()])
    .also_once([being_switched_off()])
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

const EXPIRY: &str = "expiresAtEpochSeconds";

/// When which event comes: in words, in seconds since the start, and its id.
type Delivery = (&'static str, i64, &'static str);

fn scenario(horizon_seconds: i64) -> Scenario {
    let deliveries = [
        ("at the start", 0, "evt_1"),
        ("an hour later", 3600, "evt_1"),
        ("two hours later", 7200, "evt_2"),
        ("a second before the horizon", horizon_seconds - 1, "evt_1"),
        ("at the horizon", horizon_seconds, "evt_1"),
        ("an hour after the horizon", horizon_seconds + 3600, "evt_2"),
        // Long after it has expired: what it expires by now begins now.
        ("half a horizon later", horizon_seconds * 3 / 2, "evt_2"),
    ];
    on_tables(move |aws| async move {
        answer::prepare(&aws.dynamodb, &tables(&aws)).await?;
        deliver(&deliveries, horizon_seconds, &aws).await?;
        note_time_to_live(&aws).await
    })
    .audit(move |aftermath| audit(&deliveries, horizon_seconds, aftermath))
}

/// Two workers get one event at the same time. In the long run a call of one would be under way for the other's ten days.
fn race() -> Scenario {
    let deliveries = [("at the start", 0, "evt_1")];
    on_tables(move |aws| async move { deliver(&deliveries, HORIZON_SECONDS, &aws).await })
        .audit(move |aftermath| audit(&deliveries, HORIZON_SECONDS, aftermath))
}

/// An older version has switched time to live on, by an attribute that nobody writes any more.
fn on_by_another_attribute() -> Scenario {
    on_tables(|aws| async move {
        if time_to_live(&aws).await?.0 == Some(TimeToLiveStatus::Disabled) {
            switch(&aws, "expiresAt", true).await?;
        }
        try_to_prepare(&aws).await
    })
    .audit(|aftermath| {
        prepared_all_the_same(
            aftermath,
            "UpdateTimeToLive is refused in the same way where another attribute is on: \
             only DescribeTimeToLive tells, and without its answer nobody knows",
        )
    })
}

/// Somebody has switched time to live off a moment ago.
fn being_switched_off() -> Scenario {
    /// More than the lab needs to switch it on. On AWS it takes up to an hour, and there this run sees nothing.
    const LOOKS: u32 = 30;
    on_tables(|aws| async move {
        switch(&aws, EXPIRY, true).await?;
        for _ in 0..LOOKS {
            if time_to_live(&aws).await?.0 == Some(TimeToLiveStatus::Enabled) {
                switch(&aws, EXPIRY, false).await?;
                return try_to_prepare(&aws).await;
            }
        }
        Ok(())
    })
    .audit(|aftermath| {
        prepared_all_the_same(
            aftermath,
            "while time to live is DISABLING its description still names the attribute: look at the status too",
        )
    })
}

fn on_tables<F>(work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = Result<(), answer::Error>> + 'static,
{
    Scenario::new(work)
        .table("processed-events", "eventId", Vec::new())
        .table("effects", "eventId", Vec::new())
}

fn tables(aws: &Aws) -> Tables {
    Tables {
        processed_events: aws.name("processed-events"),
        effects: aws.name("effects"),
    }
}

/// How a note begins that tells what the clock shows.
const CLOCK: &str = "seconds since the start ";

async fn deliver(
    deliveries: &[Delivery],
    horizon_seconds: i64,
    aws: &Aws,
) -> Result<(), answer::Error> {
    for &(_, seconds, event) in deliveries {
        // All lives have one clock, which never goes back: what comes again comes later.
        let notes = aws.notes();
        let shown = notes
            .iter()
            .filter_map(|(_, note)| note.strip_prefix(CLOCK)?.parse().ok());
        let seconds = shown.fold(seconds, i64::max);
        aws.note(format!("{CLOCK}{seconds}"));
        let outcome = answer::apply(
            &aws.dynamodb,
            &tables(aws),
            event,
            START + seconds,
            horizon_seconds,
        )
        .await?;
        let outcome = match outcome {
            Outcome::Applied => "applied",
            Outcome::Duplicate => "duplicate",
        };
        let when = deliveries.iter().find(|(_, at, _)| *at == seconds);
        let (when, ..) = when.expect("the clock stands still between deliveries");
        aws.note(format!("{when}: {event} {outcome}"));
    }
    Ok(())
}

async fn switch(aws: &Aws, attribute: &str, on: bool) -> Result<(), answer::Error> {
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(on)
        .build()?;
    let update = aws
        .dynamodb
        .update_time_to_live()
        .table_name(aws.name("processed-events"));
    update
        .time_to_live_specification(specification)
        .send()
        .await?;
    Ok(())
}

/// Status and attribute.
async fn time_to_live(
    aws: &Aws,
) -> Result<(Option<TimeToLiveStatus>, Option<String>), answer::Error> {
    let described = aws
        .dynamodb
        .describe_time_to_live()
        .table_name(aws.name("processed-events"))
        .send()
        .await?;
    let ttl = described.time_to_live_description;
    Ok(ttl.map_or((None, None), |ttl| {
        (ttl.time_to_live_status, ttl.attribute_name)
    }))
}

/// Notes by which attribute DynamoDB deletes, or will in a moment.
async fn note_time_to_live(aws: &Aws) -> Result<(), answer::Error> {
    let (status, attribute) = time_to_live(aws).await?;
    let is_on = matches!(
        status,
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    );
    let attribute = attribute.filter(|_| is_on);
    aws.note(format!(
        "time to live: {}",
        attribute.as_deref().unwrap_or("off")
    ));
    Ok(())
}

async fn try_to_prepare(aws: &Aws) -> Result<(), answer::Error> {
    match answer::prepare(&aws.dynamodb, &tables(aws)).await {
        Ok(()) => note_time_to_live(aws).await,
        Err(_) => Ok(()),
    }
}

fn prepared_all_the_same(aftermath: &Aftermath, why: &'static str) -> Vec<Anomaly> {
    let wrong = wrong_time_to_live(aftermath);
    wrong
        .map(|wrong| {
            let what = format!("prepare succeeded, and {wrong}");
            Anomaly::new(AnomalyKind::Corrupt, what).because(why)
        })
        .into_iter()
        .collect()
}

fn wrong_time_to_live(aftermath: &Aftermath) -> Option<String> {
    let mut noted = aftermath
        .notes
        .iter()
        .filter_map(|(_, note)| note.strip_prefix("time to live: "));
    let wrong = noted.find(|attribute| *attribute != EXPIRY)?;
    Some(format!(
        "time to live is {wrong}, expected {EXPIRY}: nothing is ever deleted"
    ))
}

fn audit(deliveries: &[Delivery], horizon_seconds: i64, aftermath: &Aftermath) -> Vec<Anomaly> {
    let expected = Expected::of(deliveries, horizon_seconds);
    let (mut causes, mut results) = (Vec::new(), Vec::new());
    for event in &expected {
        match event.wrong_expiry(aftermath) {
            // Whatever else is wrong without a fault is wrong because of that.
            Some((anomaly, true)) if aftermath.is_plain() => causes.push(anomaly),
            wrong => results.extend(wrong.map(|(anomaly, _)| anomaly)),
        }
    }
    let mut anomalies = causes;
    anomalies.extend(
        expected
            .iter()
            .filter_map(|event| event.wrong_effect(aftermath)),
    );
    anomalies.extend(
        wrong_time_to_live(aftermath).map(|wrong| Anomaly::new(AnomalyKind::Corrupt, wrong)),
    );
    anomalies.extend(results);
    if aftermath.is_plain() && anomalies.is_empty() {
        anomalies.extend(wrong_outcome(deliveries, horizon_seconds, aftermath));
    }
    anomalies
}

/// The first delivery that was told otherwise than it went, where nothing failed and all tables are right.
fn wrong_outcome(
    deliveries: &[Delivery],
    horizon_seconds: i64,
    aftermath: &Aftermath,
) -> Option<Anomaly> {
    deliveries.iter().enumerate().find_map(|(at, (when, _, event))| {
        let times = |upto: usize| {
            let expected = Expected::of(&deliveries[..upto], horizon_seconds);
            let known = expected.iter().find(|known| known.event == *event);
            known.map_or(0, |known| known.times)
        };
        let (outcome, why) = match times(at) < times(at + 1) {
            true => (
                "applied",
                "its effect has happened with this delivery, whatever came before it",
            ),
            false => (
                "duplicate",
                "this delivery has changed nothing: its effect has happened with an earlier one",
            ),
        };
        let prefix = format!("{when}: {event} ");
        let mut notes = aftermath.notes.iter();
        let told = notes.find_map(|(_, note)| note.strip_prefix(&prefix))?;
        let what = format!("{when}, {event} was told as {told}, expected {outcome}");
        let wrong = (told != outcome).then(|| Anomaly::of_event(AnomalyKind::Corrupt, event, what));
        Some(wrong?.because(why))
    })
}

/// What the deliveries of one event come to.
struct Expected {
    event: &'static str,
    times: i64,
    /// Epoch seconds, as for the two below.
    expires: i64,
    /// When it would have expired after its first delivery.
    expired_first: i64,
    /// When it would expire if a repeat prolonged it.
    prolonged: Vec<i64>,
}

impl Expected {
    fn of(deliveries: &[Delivery], horizon_seconds: i64) -> Vec<Expected> {
        let mut all: Vec<Expected> = Vec::new();
        for &(_, seconds, event) in deliveries {
            let now = START + seconds;
            let expires = now + horizon_seconds;
            match all.iter_mut().find(|known| known.event == event) {
                None => all.push(Expected {
                    event,
                    times: 1,
                    expires,
                    expired_first: expires,
                    prolonged: Vec::new(),
                }),
                Some(known) if known.expires <= now => {
                    known.times += 1;
                    known.expires = expires;
                }
                Some(known) => known.prolonged.push(expires),
            }
        }
        all
    }

    fn wrong_effect(&self, aftermath: &Aftermath) -> Option<Anomaly> {
        let Expected { event, times, .. } = self;
        let item = item_of(aftermath, "effects", event);
        let found = item.and_then(|item| Aftermath::number(item, "times"));
        let found = found.unwrap_or(0);
        let kind = match found.cmp(times) {
            Ordering::Less => AnomalyKind::Lost,
            Ordering::Greater => AnomalyKind::Duplicate,
            Ordering::Equal => return None,
        };
        let told: Vec<_> = aftermath
            .notes
            .iter()
            .filter_map(|(_, note)| note.split_once(": "))
            .filter(|(_, what)| what.starts_with(event))
            .map(|(when, what)| format!("{when} {}", &what[event.len() + 1..]))
            .collect();
        let applied = told.iter().filter(|told| told.ends_with("applied")).count() as i64;
        let what = format!(
            "{event} had its effect {found} times, expected {times} ({})",
            told.join(", ")
        );
        let anomaly = Anomaly::of_event(kind, event, what);
        Some(if found < *times && applied >= *times {
            anomaly.because(
                "`apply` said `applied` often enough, and `times` is less: it grows by 1 each time, and is never set",
            )
        } else if aftermath.is_plain() && found < *times && self.wrong_expiry(aftermath).is_none() {
            // It expires as it should after the last delivery, which was not applied.
            anomaly.because(
                "a repeat has prolonged it: only a delivery that is applied remembers the event",
            )
        } else if aftermath.is_plain() {
            anomaly.because(
                "remembered before expiresAtEpochSeconds, forgotten from that second on, deleted or not",
            )
        } else {
            anomaly
        })
    }

    /// What is wrong with its expiry; and whether that is where things go wrong, and not what comes of it.
    fn wrong_expiry(&self, aftermath: &Aftermath) -> Option<(Anomaly, bool)> {
        let Expected {
            event,
            expires: expected,
            ..
        } = self;
        let value = item_of(aftermath, "processed-events", event).map(|item| item.get(EXPIRY));
        let found = value
            .flatten()
            .and_then(|value| value["N"].as_str()?.parse::<i64>().ok());
        let (what, why) = match (found, value) {
            (Some(found), _) if found == *expected => return None,
            (Some(found), _) => {
                let mut how = difference(found - expected);
                let why = if [*expected, self.expired_first].contains(&(found / 1000)) {
                    how = "in milliseconds".to_owned();
                    "time to live counts in seconds: milliseconds name a time in fifty thousand years"
                } else if self.prolonged.contains(&found) {
                    "a repeat has prolonged it: only a delivery that is applied remembers the event"
                } else if found == self.expired_first {
                    "that is the expiry of its first delivery: it was applied anew, and not remembered anew"
                } else {
                    "it is now_epoch_seconds + horizon_seconds of the delivery that is applied: no other clock, no older expiry, not rounded"
                };
                let what =
                    format!("{event} expires at the second {found}, expected {expected}: {how}");
                (what, why)
            }
            (None, Some(Some(value))) => (
                format!("{EXPIRY} of {event} is {value}, expected {{\"N\":\"{expected}\"}}"),
                "time to live looks at whole numbers only, as seconds since 1970: what is none never expires",
            ),
            (None, Some(None)) => (
                format!("{event} has no {EXPIRY}, expected {expected}"),
                "time to live deletes no item that lacks its attribute",
            ),
            (None, None) => (
                format!("{event} is not in processed-events"),
                "what was applied has to be remembered until its horizon ends",
            ),
        };
        let is_cause = found != Some(self.expired_first) && value.is_some();
        Some((
            Anomaly::of_event(AnomalyKind::Corrupt, event, what).because(why),
            is_cause,
        ))
    }
}

/// By how much it is too early or too late.
fn difference(seconds: i64) -> String {
    let by = match seconds.abs() {
        few if few < 2 * 24 * 3600 => format!("{few} s"),
        many => format!("{} days", many / (24 * 3600)),
    };
    format!("{by} too {}", if seconds < 0 { "early" } else { "late" })
}

fn item_of<'a>(aftermath: &'a Aftermath, table: &str, event: &str) -> Option<&'a Item> {
    let items = aftermath.items(table).iter();
    items
        .into_iter()
        .find(|item| Aftermath::text(item, "eventId") == Some(event))
}
