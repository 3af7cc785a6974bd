//! One worker at a time holds a claim, the dead lose theirs, and what is completed stays so.

mod story;

use super::answer::{self, CLAIM_SECONDS, Claimed, Completed};
use lab::Fault::*;
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Scenario};
use std::collections::BTreeMap;
use story::story;

const EVENTS: [&str; 3] = ["evt_1", "evt_2", "evt_3"];

#[test]
fn one_worker_at_a_time_holds_a_claim() {
    Check::new(
        lab::exercise!(),
        "claim",
        "one worker at a time, until it is done",
        // Each worker begins in the very second in which the claims of the one before expire.
        scenario(&EVENTS, CLAIM_SECONDS),
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
    .race(race())
    // A second earlier nothing has expired yet.
    .also([scenario(&EVENTS, CLAIM_SECONDS - 1)])
    .also_under(
        &[NoAnswer, ServerError, Denied],
        [scenario(&EVENTS[..1], CLAIM_SECONDS)],
    )
    .also_once([scenario(&NEARLY_ALIKE, CLAIM_SECONDS)])
    .also_under(&[TwoWorkers], [again_and_again()])
    .also_under(&[LostResponse, StaleRead], [story()])
    .budget(Budget {
        per: "claim or complete",
        count: 2 * EVENTS.len() as u32,
        calls: 3,
        capacity_units: 6,
    })
    .judge();
}

/// Events that only a capital letter tells apart, or a blank, or what comes behind many letters.
const NEARLY_ALIKE: [&str; 5] = [
    "evt_a",
    "evt_a\u{a0}",
    "Evt_a",
    "evt_of-a-customer-who-pays-by-card-1",
    "evt_of-a-customer-who-pays-by-card-2",
];

/// Workers of which each begins so many seconds after the one before.
fn scenario(events: &'static [&'static str], seconds: i64) -> Scenario {
    Scenario::new(move |aws| async move {
        let now = start(&aws) + i64::from(aws.life - 1) * seconds;
        for event in events {
            work(&aws, event, now).await?;
        }
        Ok::<_, answer::Error>(())
    })
    .watched_table("claims", "eventId", Vec::new())
    .audit(move |aftermath| audit(events, aftermath))
}

/// Two workers at the same time, and one event. Somebody has claimed it before and died: both may take over.
fn race() -> Scenario {
    const EVENT: [&str; 1] = ["evt_1"];
    Scenario::new(|aws| async move {
        let [event] = EVENT;
        // Whoever is started after one of the two has given up comes when all claims have expired.
        let now = start(&aws) + i64::from(aws.life.max(2) - 2) * CLAIM_SECONDS;
        if aws.life == 1 {
            let (claims, long_ago) = (aws.name("claims"), now - CLAIM_SECONDS);
            aws.note(format!("asks {event} worker-0 {long_ago}"));
            answer::claim(&aws.dynamodb, &claims, event, "worker-0", long_ago).await?;
        }
        work(&aws, event, now).await
    })
    .watched_table("claims", "eventId", Vec::new())
    .audit(|aftermath| audit(&EVENT, aftermath))
}

/// A worker that claims its event again each time its claim has expired. Beside it, others may take over.
fn again_and_again() -> Scenario {
    const EVENT: [&str; 1] = ["evt_1"];
    const TIMES: i64 = 3;
    Scenario::new(|aws| async move {
        let [event] = EVENT;
        let after = |claims: i64| start(&aws) + claims * CLAIM_SECONDS;
        if aws.life > 1 {
            return work(&aws, event, after(i64::from(aws.life) - 1)).await;
        }
        for now in (0..TIMES).map(after) {
            let (claims, owner) = (aws.name("claims"), "worker-1");
            aws.note(format!("asks {event} {owner} {now}"));
            answer::claim(&aws.dynamodb, &claims, event, owner, now).await?;
        }
        work(&aws, event, after(TIMES)).await
    })
    .watched_table("claims", "eventId", Vec::new())
    .audit(|aftermath| audit(&EVENT, aftermath))
}

/// When the first worker begins: the lab's lives are a minute apart.
fn start(aws: &Aws) -> i64 {
    aws.now_epoch_seconds - i64::from(aws.life - 1) * 60
}

async fn work(aws: &Aws, event: &str, now: i64) -> Result<(), answer::Error> {
    let (claims, owner) = (aws.name("claims"), format!("worker-{}", aws.life));
    aws.note(format!("asks {event} {owner} {now}"));
    let told = match answer::claim(&aws.dynamodb, &claims, event, &owner, now).await? {
        Claimed::Mine => {
            aws.note(format!("mine {event} {owner} {now}"));
            // Here the work would be done.
            match answer::complete(&aws.dynamodb, &claims, event, &owner).await? {
                Completed::Yes => "completed",
                Completed::Lost => "lost",
            }
        }
        Claimed::Done => "done",
        Claimed::Busy => "busy",
    };
    aws.note(format!("{told} {event} {owner} {now}"));
    match told {
        "busy" => {
            let seconds = now - start(aws);
            Err(format!("Busy with {event}, {seconds} seconds after the first worker began").into())
        }
        _ => Ok(()),
    }
}

fn audit(events: &[&str], aftermath: &Aftermath) -> Vec<Anomaly> {
    let wrong_answer = || wrong_answer(aftermath).map(|wrong| or_stale(aftermath, wrong));
    let mut anomalies = Vec::from_iter(wrong_claim(aftermath).or_else(wrong_answer));
    for &event in events {
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
        let status = last_of(aftermath, event).and_then(|item| Aftermath::text(item, "status"));
        if status != Some("completed") {
            anomalies.push(corrupt(format!(
                "in the end the status of {event} is `{}`, not `completed`",
                status.unwrap_or("missing")
            )));
        }
    }
    anomalies
}

fn corrupt(what: String) -> Anomaly {
    Anomaly::new(AnomalyKind::Corrupt, what)
}

/// A wrong answer, and its reason: a stale read, if there was one.
fn or_stale(aftermath: &Aftermath, wrong: Anomaly) -> Anomaly {
    match aftermath.has_struck(StaleRead) {
        true => wrong.because(
            "a read that is not consistent may show what was there before: ask for consistency, or let a condition tell",
        ),
        false => wrong,
    }
}

/// A claim, as it was last in the table.
struct Claim<'a> {
    owner: &'a str,
    expires: i64,
    is_completed: bool,
}

/// The first thing in the table that should not be there.
fn wrong_claim(aftermath: &Aftermath) -> Option<Anomaly> {
    let asked = asked(aftermath);
    let mut claims: BTreeMap<&str, Claim> = BTreeMap::new();
    let mut items = aftermath
        .versions
        .iter()
        .flat_map(|version| version.items.iter());
    items.find_map(|item| {
        let event = Aftermath::text(item, "eventId")?;
        // The table may hold more than the claims.
        asked.keys().find(|(known, _)| *known == event)?;
        let owner = Aftermath::text(item, "owner").unwrap_or("missing");
        let Some(times) = asked.get(&(event, owner)) else {
            let what = format!("the owner of {event} is `{owner}`, which is no worker's name");
            return Some(corrupt(what));
        };
        let before = claims.get(event);
        match Aftermath::text(item, "status").unwrap_or("missing") {
            "in-progress" => {
                let is_expected = |expires: &i64| times.contains(&(expires - CLAIM_SECONDS));
                let Some(expires) = expiry(item).filter(is_expected) else {
                    return Some(wrong_expiry(event, item, times));
                };
                let wrong = before.and_then(|before| wrong_takeover(event, before, owner, expires));
                let is_completed = false;
                claims.insert(
                    event,
                    Claim {
                        owner,
                        expires,
                        is_completed,
                    },
                );
                wrong
            }
            "completed" => {
                let of_another = before.filter(|before| before.owner != owner).map(|before| {
                    let what = format!(
                        "{owner} completed {event}, whose claim was {}'s",
                        before.owner
                    );
                    corrupt(what)
                        .because("complete may write only where the owner is the one who completes")
                });
                if let Some(claim) = claims.get_mut(event) {
                    claim.is_completed = true;
                }
                of_another
            }
            status => Some(corrupt(format!(
                "the status of {event} is `{status}`, neither `in-progress` nor `completed`"
            ))),
        }
    })
}

/// What is wrong with a claim in whose place was another one `before`.
fn wrong_takeover(event: &str, before: &Claim, owner: &str, expires: i64) -> Option<Anomaly> {
    let other = before.owner;
    let left = before.expires - (expires - CLAIM_SECONDS);
    if before.is_completed {
        let what = format!("{owner} got the claim of {event}, which {other} had completed");
        return Some(corrupt(what).because(
            "what is completed stays so: the write itself asks for the status, not only a read before it",
        ));
    }
    (other != owner && left > 0).then(|| {
        corrupt(format!(
            "{owner} got the claim of {event} {left} seconds before that of {other} expires, who may still be at work"
        ))
        .because("the write itself asks whether what is there has expired, not only a read before it")
    })
}

/// When each worker has asked for the claim of each event.
fn asked(aftermath: &Aftermath) -> BTreeMap<(&str, &str), Vec<i64>> {
    let mut asked: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (_, note) in &aftermath.notes {
        if let ["asks", event, owner, now] = note.split(' ').collect::<Vec<_>>()[..] {
            asked
                .entry((event, owner))
                .or_default()
                .extend(now.parse::<i64>());
        }
    }
    asked
}

fn expiry(item: &Item) -> Option<i64> {
    Aftermath::number(item, "expiresAtEpochSeconds")
}

fn wrong_expiry(event: &str, item: &Item, times: &[i64]) -> Anomaly {
    let value = item.get("expiresAtEpochSeconds");
    let is = match value.and_then(|value| value.as_object()?.iter().next()) {
        Some((kind, value)) if kind == "N" => value.as_str().unwrap_or_default().to_owned(),
        Some((kind, value)) if kind == "S" => format!("the text {value}"),
        Some((_, value)) => value.to_string(),
        None => "missing".to_owned(),
    };
    let now = times.first().copied().unwrap_or_default();
    corrupt(format!(
        "expiresAtEpochSeconds of {event} is {is}, claimed at {now}: expected {}",
        now + CLAIM_SECONDS
    ))
    .because("a claim expires CLAIM_SECONDS after the time that is given: a number, in seconds, and from no clock")
}

/// The first answer that cannot be true.
fn wrong_answer(aftermath: &Aftermath) -> Option<Anomaly> {
    aftermath.notes.iter().find_map(|(_, note)| {
        let [word, event, owner, now] = note.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let now: i64 = now.parse().ok()?;
        let last = last_of(aftermath, event);
        let last_owner = last.and_then(|item| Aftermath::text(item, "owner"));
        let mut claims = items_of(aftermath, event);
        match word {
            "mine" if !claims.any(|item| Aftermath::text(item, "owner") == Some(owner)) => {
                Some(corrupt(format!(
                    "claim said to {owner} that {event} is its own, and no claim of {owner} was ever in the table"
                )))
            }
            "completed" if last_owner.is_some_and(|by| by != owner) => Some(
                corrupt(format!(
                    "{owner} hears that it has completed {event}, whose claim was {}'s",
                    last_owner.unwrap_or_default()
                ))
                .because(
                    "complete may say Yes only where the owner is the one who completes, whatever the status is: the write itself asks for the owner, not only a read before it",
                ),
            ),
            "lost" if last_owner == Some(owner) => Some(
                corrupt(format!("{owner} hears that it has lost the claim of {event}, and nobody took it over"))
                    .because("only a condition on the owner that failed means Lost; any other error is returned"),
            ),
            "busy" => wrong_busy(aftermath, event, owner, now),
            "done" if !claims.any(|item| Aftermath::text(item, "status") == Some("completed")) => {
                Some(Anomaly::of_event(
                    AnomalyKind::Lost,
                    event,
                    format!("claim said to {owner} that {event} was completed, and it never was"),
                ))
            }
            _ => None,
        }
    })
}

/// What is wrong with `Busy`, if no other worker's claim was in the way, or the event was completed by then.
fn wrong_busy(aftermath: &Aftermath, event: &str, owner: &str, now: i64) -> Option<Anomaly> {
    let trace = &aftermath.trace;
    let claims: Vec<_> = items_of(aftermath, event)
        .filter(|item| Aftermath::text(item, "status") == Some("in-progress"))
        .filter_map(|item| Some((Aftermath::text(item, "owner")?, expiry(item)?)))
        .collect();
    // Side by side, another one's claim may have come while the call was under way. So may a replacement's beside a
    // zombie.
    let side_by_side =
        aftermath.has_struck(Zombie) || trace.windows(2).any(|pair| pair[1].life < pair[0].life);
    if side_by_side && claims.iter().any(|(other, _)| *other != owner) {
        return None;
    }
    if let Some(other) = completed_before(aftermath, event, owner) {
        let what =
            format!("{owner} claims {event}, which {other} had completed: expected Done, got Busy");
        return Some(corrupt(what).because(
            "what is completed is Done for everybody, and never expires: the status counts before the time",
        ));
    }
    // Where workers follow each other, only one that came before can be in the way.
    let before = claims
        .iter()
        .filter(|(other, _)| life_of(other) < life_of(owner));
    let said = format!("claim said to {owner} that another worker holds {event}");
    match before.max_by_key(|(_, expires)| expires) {
        Some((_, expires)) if *expires > now => None,
        Some((other, expires)) => {
            let ago = now - expires;
            let what = format!("{said}, and the claim of {other} had expired {ago} seconds before");
            Some(corrupt(what).because(
                "a claim has expired at its second, and keeps nobody out",
            ))
        }
        None => Some(corrupt(format!("{said}, and nobody else did")).because(
            "Busy means that another worker's claim is there: an error is returned, and one's own claim is Mine",
        )),
    }
}

/// Who had completed an event before a worker made its first call.
fn completed_before<'a>(aftermath: &'a Aftermath, event: &str, owner: &str) -> Option<&'a str> {
    let mut trace = aftermath.trace.iter();
    let calls_before = trace.position(|entry| Some(entry.life) == life_of(owner))?;
    let versions = aftermath.versions.iter();
    let mut items = versions
        .filter(|version| version.attempts <= calls_before)
        .flat_map(|version| version.items.iter())
        .filter(|item| Aftermath::text(item, "eventId") == Some(event));
    let completed = items.find(|item| Aftermath::text(item, "status") == Some("completed"))?;
    Aftermath::text(completed, "owner")
}

/// The life of a worker: worker-2 is the second.
fn life_of(owner: &str) -> Option<u32> {
    owner.rsplit('-').next()?.parse().ok()
}

/// The claim of an event in the end.
fn last_of<'a>(aftermath: &'a Aftermath, event: &str) -> Option<&'a Item> {
    let mut items = aftermath.items("claims").iter();
    items.find(|item| Aftermath::text(item, "eventId") == Some(event))
}

fn items_of<'a>(aftermath: &'a Aftermath, event: &'a str) -> impl Iterator<Item = &'a Item> {
    let versions = aftermath
        .versions
        .iter()
        .flat_map(|version| version.items.iter());
    versions.filter(move |item| Aftermath::text(item, "eventId") == Some(event))
}
