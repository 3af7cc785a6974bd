//! Ids are remembered long enough and not for ever, on a clock that the check moves.

mod expected;
mod time_to_live;

use super::answer::{self, Outcome, Repeats, Tables};
use expected::Expected;
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Cases, Check, Scenario};
use time_to_live::{
    being_switched_off, failed_in_vain, note_time_to_live, on_by_another_attribute, prepare,
    wrong_time_to_live,
};

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
        ("a week in an outage, no redrive", [0, 24, 168, 0]),
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
    // Long enough for an expiry that needs more than 32 bits.
    .also([scenario(13 * 365 * 24 * 3600 + 5)])
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
        prepare(&aws).await?;
        deliver(&deliveries, horizon_seconds, &aws).await?;
        note_time_to_live(&aws).await
    })
    .audit(move |aftermath| audit(&deliveries, horizon_seconds, aftermath))
}

/// Two workers get one event at the same time. In the long run a call of one would be under way for the other's ten days.
fn race() -> Scenario {
    let deliveries = [("at the start", 0, "evt_1")];
    on_tables(move |aws| async move {
        prepare(&aws).await?;
        deliver(&deliveries, HORIZON_SECONDS, &aws).await
    })
    .audit(move |aftermath| audit(&deliveries, HORIZON_SECONDS, aftermath))
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
    anomalies.extend(failed_in_vain(aftermath));
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
