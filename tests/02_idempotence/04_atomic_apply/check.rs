//! Each payment counts once, whatever fails.

use super::answer::{self, Outcome, PaymentEvent, PaymentType, Tables};
use lab::Fault::*;
use lab::{
    Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Decision, Direction, Ledger, Payment,
    Scenario, money,
};

#[test]
fn a_payment_is_applied_exactly_once_whatever_fails() {
    let ledger = payments_and_late_repeats();
    Check::new(
        lab::exercise!(),
        "apply",
        "exactly once, whatever fails",
        scenario(&ledger, DECIDED_IN_ANY_ORDER),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        NoAnswer,
        ServerError,
        Conflict,
        Zombie,
    ])
    .under(&[Redelivered, TwoWorkers])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    .also([payments(&Ledger::from_seed(11))])
    .also_once([payments(&Ledger::from_seed(12))])
    .also_under(&[Denied], [large_amounts()])
    .also_under(&[TwoWorkers], [competing()])
    .budget(Budget {
        per: "delivery",
        count: ledger.deliveries().len() as u32,
        calls: 4,
        capacity_units: 10,
    })
    .facts(move |aftermath| {
        let outcomes: Vec<_> = aftermath
            .notes
            .iter()
            .map(|(_, note)| note.clone())
            .collect();
        vec![
            ("outcomes".into(), outcomes.join(", ")),
            ("balances".into(), ledger.balances_in(aftermath)),
        ]
    })
    .judge();
}

/// The events that come once more, a month after all the others: a withdrawal that was rejected, which the account
/// could pay by then, and one that has emptied its account.
const LATE: [&str; 2] = ["evt_5", "evt_8"];

const MONTH_SECONDS: i64 = 30 * 24 * 3600;

/// How many come before the first one that could be rejected.
const DECIDED_IN_ANY_ORDER: usize = 4;

/// The course's payments but evt_3, which shows nothing that evt_4 does not show: each delivery is struck in twenty runs.
fn payments_and_late_repeats() -> Ledger {
    let ledger = Ledger::five_payments_and_an_overdraft();
    let mut deliveries = ledger.deliveries().to_vec();
    deliveries.retain(|payment| payment.event_id != "evt_3");
    let late = LATE.map(|id| deliveries.iter().find(|p| p.event_id == id).cloned());
    deliveries.extend(late.into_iter().flatten());
    ledger.delivering(deliveries)
}

/// Amounts of which a float or a narrower integer makes others.
fn large_amounts() -> Scenario {
    let ledger = Ledger::large_amounts();
    let audit = ledger.clone();
    payments(&ledger).audit(move |aftermath| {
        let why = "an amount is an i64: an i32 ends at 21 million, and a float above 2^53 cents has no odd number";
        let anomalies = audit.audit(aftermath).into_iter();
        anomalies.map(|anomaly| anomaly.because(why)).collect()
    })
}

/// Two workers, each with payments that the other one does not have: of two withdrawals the account can pay one, and both
/// deposits go to an account that has no item yet.
fn competing() -> Scenario {
    let first = [
        Payment::new("evt_a", "dave", Direction::Withdrawal, 80_00),
        Payment::new("evt_b", "erin", Direction::Deposit, 30_00),
    ];
    let second = [
        Payment::new("evt_c", "dave", Direction::Withdrawal, 80_00),
        Payment::new("evt_d", "erin", Direction::Deposit, 50_00),
    ];
    let opening = Ledger::new(&[("dave", 10_000)], Vec::new()).opening_items();
    let deliveries = move |life: u32| match life {
        1 => first.to_vec(),
        2 => second.to_vec(),
        // Whoever is started after one of them has failed does the work of both.
        _ => [first.clone(), second.clone()].concat(),
    };
    Scenario::new(move |aws| worker(deliveries(aws.life), aws))
        .table("account-balances", "accountId", opening)
        .table("processed-events", "eventId", Vec::new())
        .audit(|aftermath| {
            let is_alone = aftermath.trace.iter().all(|entry| entry.life == 1);
            let expected = [
                (
                    "dave",
                    20_00,
                    "of two withdrawals the balance allows one: the write itself asks for it, since another worker pays between a read and a write",
                ),
                (
                    "erin",
                    if is_alone { 30_00 } else { 80_00 },
                    "where an account has no item the write asks that there still is none: another worker may open it meanwhile",
                ),
            ];
            expected
                .into_iter()
                .filter_map(|(account, cents, why)| wrong_balance(account, cents, aftermath).map(|it| it.because(why)))
                .collect()
        })
}

fn wrong_balance(account: &str, expected: i64, aftermath: &Aftermath) -> Option<Anomaly> {
    let mut items = aftermath.items("account-balances").iter();
    let item = items.find(|item| Aftermath::text(item, "accountId") == Some(account));
    let has = item.and_then(|item| Aftermath::number(item, "balanceCents"));
    let has = has.unwrap_or(0);
    (has != expected).then(|| {
        let what = format!("{account} has {}, expected {}", money(has), money(expected));
        Anomaly::new(AnomalyKind::Corrupt, what)
    })
}

/// A worker to which all payments of `ledger` are delivered, from the first one, in each of its lives.
fn payments(ledger: &Ledger) -> Scenario {
    scenario(ledger, 0)
}

/// The same, and every second worker gets the first payments, `free` of them, backwards: two shards are read in any
/// order. None of these is beyond its balance in any order. After them the order decides, so it stays.
fn scenario(ledger: &Ledger, free: usize) -> Scenario {
    let forwards = ledger.deliveries().to_vec();
    let mut backwards = forwards.clone();
    backwards[..free].reverse();
    let ledger = ledger.clone();
    let deliveries = move |life: u32| match life % 2 {
        1 => forwards.clone(),
        _ => backwards.clone(),
    };
    Scenario::new(move |aws| worker(deliveries(aws.life), aws))
        .table("account-balances", "accountId", ledger.opening_items())
        .table("processed-events", "eventId", Ledger::processed_long_ago())
        .audit(move |aftermath| {
            let balances = ledger.audit(aftermath).into_iter();
            let mut anomalies: Vec<_> = balances
                .map(|anomaly| explained(anomaly, aftermath))
                .collect();
            if let Some(wrong) = wrong_outcome(&ledger, aftermath) {
                // A balance says more about its event than an outcome; but of another event that one came first.
                let of_another = |anomaly: &Anomaly| {
                    anomaly.event_id.is_some() && anomaly.event_id != wrong.event_id
                };
                let at = match anomalies.iter().all(of_another) {
                    true => 0,
                    false => anomalies.len(),
                };
                anomalies.insert(at, wrong);
            }
            anomalies.extend(told_twice(&ledger, aftermath));
            anomalies
        })
}

async fn worker(deliveries: Vec<Payment>, aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        account_balances: aws.name("account-balances"),
        processed_events: aws.name("processed-events"),
    };
    // Time never goes back between deliveries of an event: the next worker begins after the late ones of this one.
    let mut now = aws.now_epoch_seconds + i64::from(aws.life - 1) * MONTH_SECONDS;
    for (index, payment) in deliveries.iter().enumerate() {
        let is_repeat = deliveries[..index].contains(payment);
        if is_repeat && payment.event_id == LATE[0] {
            now += MONTH_SECONDS;
        }
        let event = PaymentEvent {
            event_id: payment.event_id.clone(),
            account_id: payment.account_id.clone(),
            payment_type: match payment.direction {
                Direction::Deposit => PaymentType::Deposit,
                Direction::Withdrawal => PaymentType::Withdrawal,
            },
            amount_cents: payment.amount_cents,
        };
        let outcome = answer::apply(&aws.dynamodb, &tables, &event, now).await?;
        let outcome = match outcome {
            Outcome::Applied => Decision::Applied,
            Outcome::Rejected => Decision::Rejected,
            Outcome::Duplicate => Decision::Duplicate,
        };
        aws.note(format!("{} {}", event.event_id, outcome.name()));
    }
    Ok(())
}

/// Where nothing fails, each outcome is known. After a fault a single one depends on what an earlier life had done.
fn wrong_outcome(ledger: &Ledger, aftermath: &Aftermath) -> Option<Anomaly> {
    if !aftermath.is_plain() {
        return None;
    }
    let expected = ledger.deliveries().iter().zip(ledger.decisions());
    expected
        .zip(&aftermath.notes)
        .find_map(|((payment, decision), (_, note))| {
            let expected = format!("{} {}", payment.event_id, decision.name());
            let what = format!("apply returned `{note}`, expected `{expected}`");
            let anomaly = Anomaly::of_event(AnomalyKind::Corrupt, &payment.event_id, what);
            let anomaly = match (decision, note.ends_with(" rejected")) {
                (Decision::Duplicate, true) => anomaly.because("the event was decided before: that its id is there comes before what the balance says now"),
                _ => anomaly,
            };
            (*note != expected).then_some(anomaly)
        })
}

/// Whatever fails: an event is decided by one delivery, and no other one says that it was the one.
fn told_twice(ledger: &Ledger, aftermath: &Aftermath) -> Option<Anomaly> {
    let events = ledger.deliveries().iter().zip(ledger.decisions());
    let mut decided = events.filter(|(_, decision)| *decision != Decision::Duplicate);
    decided.find_map(|(payment, decision)| {
        let id = &payment.event_id;
        let told = told(aftermath, id);
        let right = decision.name();
        let why = match (told.as_slice(), decision) {
            ([], _) => return None,
            ([once], _) if *once == right => return None,
            ([_], Decision::Rejected) => {
                "nobody has applied this event: that its id is there may mean a rejection"
            }
            ([_], _) => "a payment that was made is told as rejected: somebody else had decided it",
            (all, _) if all.contains(&"rejected") => "only the delivery that has stored the rejection may return it: any other one finds the event decided",
            _ => "the balance has moved once: one of them took the id that is there, or a token's repeat, for a success of its own",
        };
        let what = format!(
            "apply returned `{id} {}`, and the event was {right} once",
            told.join(&format!("`, then `{id} "))
        );
        Some(Anomaly::new(AnomalyKind::Corrupt, what).because(why))
    })
}

/// What was said about an event, but that it was a duplicate.
fn told<'a>(aftermath: &'a Aftermath, event_id: &str) -> Vec<&'a str> {
    let outcomes = outcomes(aftermath, event_id);
    outcomes
        .filter(|outcome| *outcome != Decision::Duplicate.name())
        .collect()
}

fn outcomes<'a>(aftermath: &'a Aftermath, event_id: &str) -> impl Iterator<Item = &'a str> {
    let notes = aftermath.notes.iter();
    notes
        .filter_map(|(_, note)| note.split_once(' '))
        .filter(move |(id, _)| *id == event_id)
        .map(|(_, outcome)| outcome)
}

/// The same, with a reason where what was said about the event tells one.
fn explained(anomaly: Anomaly, aftermath: &Aftermath) -> Anomaly {
    let Some(id) = anomaly.event_id.as_deref() else {
        return anomaly;
    };
    let first = outcomes(aftermath, id).next();
    let was_rejected = told(aftermath, id).contains(&Decision::Rejected.name());
    let is_plain = aftermath.is_plain();
    let was_cancelled = aftermath
        .trace
        .iter()
        .any(|entry| matches!(entry.struck, Some(Conflict | ThrottledInside)));
    let why = match (anomaly.kind, id) {
        (AnomalyKind::Lost, "evt_8") if was_rejected && is_plain => {
            "the account has just enough: a balance that is as large as the amount pays it"
        }
        (AnomalyKind::Lost, _) if was_rejected && was_cancelled => {
            "a conflict or a throttle decides nothing, neither a duplicate nor an overdraft: it was taken for an overdraft"
        }
        (AnomalyKind::Corrupt, "evt_5") if is_plain && first == Some("applied") => {
            "an account without an item has 0 cents: it can pay nothing"
        }
        (AnomalyKind::Corrupt, "evt_5") if was_rejected => {
            "the rejection was returned, and when the event came again the account could pay: it is remembered for good, and each delivery heeds it"
        }
        (AnomalyKind::Corrupt, "evt_5") if first == Some("duplicate") => {
            "nobody had decided the event when it was taken for a duplicate, and nothing was remembered"
        }
        _ => return anomaly,
    };
    anomaly.because(why)
}
