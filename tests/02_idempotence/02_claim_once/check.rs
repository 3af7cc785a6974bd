//! One worker at a time holds a claim, the dead lose theirs, and what is completed stays so.

use super::answer::{self, CLAIM_SECONDS, Claimed, Completed};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Scenario};
use std::collections::BTreeMap;

const EVENTS: [&str; 3] = ["evt_1", "evt_2", "evt_3"];

#[test]
fn one_worker_at_a_time_holds_a_claim() {
    Check::new(
        lab::exercise!(),
        "claim",
        "one worker at a time, until it is done",
        scenario(60),
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
    // A claim keeps two workers apart. It cannot tell whether one that died had done its work.
    .permits(&[AnomalyKind::Duplicate])
    .tells_what_crashes_do(&EVENTS)
    // Workers that are started again late: every claim has expired by then.
    .also([scenario(2 * CLAIM_SECONDS)])
    .budget(Budget {
        per: "claim or complete",
        count: 2 * EVENTS.len() as u32,
        calls: 3,
        capacity_units: 6,
    })
    .judge();
}

/// Workers of which each begins so many seconds after the one before.
fn scenario(seconds: i64) -> Scenario {
    Scenario::new(move |aws| worker(seconds, aws))
        .watched_table("claims", "eventId", Vec::new())
        .audit(audit)
}

async fn worker(seconds: i64, aws: Aws) -> Result<(), answer::Error> {
    let claims = aws.name("claims");
    let owner = format!("worker-{}", aws.life);
    // The lab's lives are a minute apart.
    let now = aws.now_epoch_seconds + i64::from(aws.life - 1) * (seconds - 60);
    for event in EVENTS {
        match answer::claim(&aws.dynamodb, &claims, event, &owner, now).await? {
            Claimed::Mine => {
                aws.note(format!("mine {event} {owner} {now}"));
                // Here the work would be done.
                match answer::complete(&aws.dynamodb, &claims, event, &owner).await? {
                    Completed::Yes => aws.note(format!("completed {event} {owner} {now}")),
                    Completed::Lost => aws.note(format!("lost {event} {owner} {now}")),
                }
            }
            Claimed::Done => aws.note(format!("done {event} {owner} {now}")),
            Claimed::Busy => {
                aws.note(format!("busy {event} {owner} {now}"));
                return Err(format!("another worker is at work on {event}").into());
            }
        }
    }
    Ok(())
}

fn audit(aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies = Vec::from_iter(wrong_answer(aftermath));
    for event in EVENTS {
        let mine = format!("mine {event} ");
        let times = aftermath
            .notes
            .iter()
            .filter(|(_, note)| note.starts_with(&mine))
            .count();
        match times {
            0 => anomalies.push(Anomaly::of_event(
                AnomalyKind::Lost,
                event,
                format!("nobody ever got the claim of {event}: its work is not done"),
            )),
            1 => {}
            times => anomalies.push(Anomaly::of_event(
                AnomalyKind::Duplicate,
                event,
                format!("the work of {event} was begun {times} times"),
            )),
        }
        let item = aftermath
            .items("claims")
            .iter()
            .find(|item| Aftermath::text(item, "eventId") == Some(event));
        let status = item.and_then(|item| Aftermath::text(item, "status"));
        if status != Some("completed") {
            anomalies.push(Anomaly::new(
                AnomalyKind::Corrupt,
                format!(
                    "in the end the status of {event} is `{}`, not `completed`",
                    status.unwrap_or("missing")
                ),
            ));
        }
    }
    anomalies
}

/// The first answer that cannot be true, in the order in which they were given.
fn wrong_answer(aftermath: &Aftermath) -> Option<Anomaly> {
    let corrupt = |what| Some(Anomaly::new(AnomalyKind::Corrupt, what));
    // Who got the claim of an event last, and when; and who has completed it.
    let mut held: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    let mut completed: BTreeMap<&str, &str> = BTreeMap::new();
    aftermath.notes.iter().find_map(|(_, note)| {
        let mut words = note.split(' ');
        let (word, event, owner) = (words.next()?, words.next()?, words.next()?);
        let now: i64 = words.next()?.parse().ok()?;
        match word {
            "mine" => {
                if let Some(by) = completed.get(event) {
                    return corrupt(format!("{owner} got the claim of {event}, which {by} had completed"));
                }
                if let Some((other, since)) = held.insert(event, (owner, now))
                    && other != owner
                    && now < since + CLAIM_SECONDS
                {
                    return corrupt(format!(
                        "{owner} got the claim of {event} {} seconds after {other}, which may still be at work on it",
                        now - since
                    ));
                }
                None
            }
            "completed" => match completed.insert(event, owner) {
                Some(other) if other != owner => corrupt(format!(
                    "{other} and {owner} both hear that they have completed {event}"
                )),
                _ => None,
            },
            "busy" => (!is_held_by_another(aftermath, event, owner, now))
                .then(|| {
                    Anomaly::new(
                        AnomalyKind::Corrupt,
                        format!("claim said to {owner} that another worker holds {event}, and nobody else did"),
                    )
                }),
            "done" => (!ever_completed(aftermath, event)).then(|| {
                Anomaly::of_event(
                    AnomalyKind::Lost,
                    event,
                    format!("claim said to {owner} that {event} was completed, and it never was"),
                )
            }),
            _ => None,
        }
    })
}

/// Whether in any version of the table another worker held a claim that had not expired.
fn is_held_by_another(aftermath: &Aftermath, event: &str, owner: &str, now: i64) -> bool {
    // Where workers follow each other, only one that came before can be in the way.
    let side_by_side = aftermath
        .trace
        .windows(2)
        .any(|pair| pair[1].life < pair[0].life);
    items_of(aftermath, event).any(|item| {
        let expires = Aftermath::number(item, "expiresAtEpochSeconds");
        let other = Aftermath::text(item, "owner").unwrap_or_default();
        Aftermath::text(item, "status") == Some("in-progress")
            && other != owner
            && (side_by_side || other < owner)
            && expires.is_some_and(|expires| expires > now)
    })
}

fn ever_completed(aftermath: &Aftermath, event: &str) -> bool {
    items_of(aftermath, event).any(|item| Aftermath::text(item, "status") == Some("completed"))
}

fn items_of<'a>(
    aftermath: &'a Aftermath,
    event: &'a str,
) -> impl Iterator<Item = &'a lab::world::Item> {
    let versions = aftermath.versions.iter().flat_map(|version| &version.items);
    versions.filter(move |item| Aftermath::text(item, "eventId") == Some(event))
}
