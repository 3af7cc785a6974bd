//! Each payment counts once, whatever fails.

use super::answer::{self, Outcome, PaymentEvent, PaymentType, Tables};
use lab::Fault::*;
use lab::{
    Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Decision, Direction, Ledger, Payment,
    Scenario,
};

#[test]
fn a_payment_is_applied_exactly_once_whatever_fails() {
    let ledger = Ledger::five_payments_and_an_overdraft();
    Check::new(
        lab::exercise!(),
        "apply",
        "exactly once, whatever fails",
        scenario(&ledger, Ledger::five_payments().deliveries().len()),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Conflict,
        Zombie,
    ])
    .under(&[Redelivered, TwoWorkers])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    .also([11, 12].map(|seed| payments(&Ledger::from_seed(seed))))
    .budget(Budget {
        per: "delivery",
        count: ledger.deliveries().len() as u32,
        calls: 4,
        capacity_units: 10,
    })
    .facts(|aftermath| {
        let outcomes: Vec<_> = aftermath
            .notes
            .iter()
            .map(|(_, note)| note.clone())
            .collect();
        vec![
            ("outcomes".into(), outcomes.join(", ")),
            ("balances".into(), Ledger::balances_in(aftermath)),
        ]
    })
    .judge();
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
            let mut anomalies = ledger.audit(aftermath);
            anomalies.extend(wrong_outcomes(&ledger, aftermath));
            anomalies
        })
}

async fn worker(deliveries: Vec<Payment>, aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        account_balances: aws.name("account-balances"),
        processed_events: aws.name("processed-events"),
    };
    for payment in &deliveries {
        let event = PaymentEvent {
            event_id: payment.event_id.clone(),
            account_id: payment.account_id.clone(),
            payment_type: match payment.direction {
                Direction::Deposit => PaymentType::Deposit,
                Direction::Withdrawal => PaymentType::Withdrawal,
            },
            amount_cents: payment.amount_cents,
        };
        let outcome = answer::apply(&aws.dynamodb, &tables, &event, aws.now_epoch_seconds).await?;
        let outcome = match outcome {
            Outcome::Applied => Decision::Applied,
            Outcome::Rejected => Decision::Rejected,
            Outcome::Duplicate => Decision::Duplicate,
        };
        aws.note(format!("{} {}", event.event_id, outcome.name()));
    }
    Ok(())
}

/// Where nothing fails, each outcome is known. After a fault it depends on what an earlier life had done.
fn wrong_outcomes(ledger: &Ledger, aftermath: &Aftermath) -> Option<Anomaly> {
    if !aftermath.is_plain() {
        return None;
    }
    let expected = ledger.deliveries().iter().zip(ledger.decisions());
    expected
        .zip(&aftermath.notes)
        .find_map(|((payment, decision), (_, note))| {
            let expected = format!("{} {}", payment.event_id, decision.name());
            let what = format!("apply returned `{note}`, expected `{expected}`");
            (*note != expected).then(|| Anomaly::new(AnomalyKind::Corrupt, what))
        })
}
