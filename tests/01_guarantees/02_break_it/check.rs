//! Each plan breaks its processor, and is as short as any.

use super::answer::processors::{self, Error, Payment, Tables};
use super::answer::{self, Fault, Strike};
use lab::{Anomaly, AnomalyKind, Aws, Breaking, Ledger, Scenario};
use std::collections::BTreeSet;

/// All that the exercise knows.
const ALL: [lab::Fault; 6] = [
    lab::Fault::CrashBefore,
    lab::Fault::CrashAfter,
    lab::Fault::LostResponse,
    lab::Fault::Throttled,
    lab::Fault::ThrottledOut,
    lab::Fault::Zombie,
];

#[test]
fn check_then_act_applies_a_payment_twice() {
    Breaking::new(
        lab::exercise!(),
        "repeat_with_check_then_act",
        "check_then_act applies some payment twice",
        scenario(|aws| async move {
            for payment in payments() {
                processors::check_then_act(&aws.dynamodb, &tables(&aws), &payment).await?;
            }
            Ok(())
        }),
        &ALL,
        |anomalies| some(anomalies, AnomalyKind::Duplicate),
    )
    .judge(|| strikes(answer::repeat_with_check_then_act()));
}

#[test]
fn mark_first_loses_a_payment() {
    Breaking::new(
        lab::exercise!(),
        "lose_with_mark_first",
        "mark_first loses some payment",
        scenario(mark_first),
        &ALL,
        |anomalies| some(anomalies, AnomalyKind::Lost),
    )
    .judge(|| strikes(answer::lose_with_mark_first()));
}

#[test]
fn add_applies_a_payment_twice_in_one_life() {
    Breaking::new(
        lab::exercise!(),
        "repeat_with_add_and_one_worker",
        "add applies some payment twice, and no worker ends for it",
        scenario(|aws| async move {
            let mut seen = BTreeSet::new();
            for payment in payments() {
                processors::add(&aws.dynamodb, &tables(&aws), &payment, &mut seen).await?;
            }
            Ok(())
        }),
        &[lab::Fault::LostResponse, lab::Fault::Throttled],
        |anomalies| some(anomalies, AnomalyKind::Duplicate),
    )
    .judge(|| strikes(answer::repeat_with_add_and_one_worker()));
}

#[test]
fn mark_first_loses_two_payments() {
    Breaking::new(
        lab::exercise!(),
        "lose_two_with_mark_first",
        "mark_first loses two payments in one run",
        scenario(mark_first),
        &ALL,
        |anomalies| {
            let lost = |anomaly: &&Anomaly| anomaly.kind == AnomalyKind::Lost;
            let lost: BTreeSet<_> = anomalies
                .iter()
                .filter(lost)
                .filter_map(|anomaly| anomaly.event_id.clone())
                .collect();
            (lost.len() >= 2).then(|| "LOST, LOST".to_owned())
        },
    )
    .judge(|| strikes(answer::lose_two_with_mark_first()));
}

fn some(anomalies: &[Anomaly], kind: AnomalyKind) -> Option<String> {
    let found = anomalies.iter().any(|anomaly| anomaly.kind == kind);
    found.then(|| kind.to_string())
}

fn strikes(plan: Vec<Strike>) -> Vec<lab::Strike> {
    let strike = |strike: Strike| lab::Strike {
        fault: match strike.fault {
            Fault::CrashBefore => lab::Fault::CrashBefore,
            Fault::CrashAfter => lab::Fault::CrashAfter,
            Fault::LostResponse => lab::Fault::LostResponse,
            Fault::Throttled => lab::Fault::Throttled,
            Fault::ThrottledOut => lab::Fault::ThrottledOut,
            Fault::Zombie => lab::Fault::Zombie,
        },
        at: strike.call,
    };
    plan.into_iter().map(strike).collect()
}

async fn mark_first(aws: Aws) -> Result<(), Error> {
    for payment in payments() {
        processors::mark_first(&aws.dynamodb, &tables(&aws), &payment).await?;
    }
    Ok(())
}

/// Four payments whose balances can come about in one way only, the second delivered once more after the third.
fn ledger() -> Ledger {
    let four = Ledger::four_payments();
    let mut deliveries = four.deliveries().to_vec();
    deliveries.insert(3, deliveries[1].clone());
    four.delivering(deliveries)
}

fn payments() -> Vec<Payment> {
    let payment = |payment: &lab::Payment| Payment {
        event_id: payment.event_id.clone(),
        account_id: payment.account_id.clone(),
        delta_cents: payment.delta_cents(),
    };
    ledger().deliveries().iter().map(payment).collect()
}

fn tables(aws: &Aws) -> Tables {
    Tables {
        account_balances: aws.name("account-balances"),
        processed_events: aws.name("processed-events"),
    }
}

fn scenario<F>(work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = Result<(), Error>> + 'static,
{
    let ledger = ledger();
    Scenario::new(work)
        .table("account-balances", "accountId", ledger.opening_items())
        .table("processed-events", "eventId", Vec::new())
        .audit(move |aftermath| ledger.audit(aftermath))
}
