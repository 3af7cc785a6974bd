//! Payments and position move together: nothing is lost, nothing counts twice, nothing is done again.

use super::answer::{self, SHARD, Source, Tables};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Ledger, Payment, Scenario};
use std::collections::BTreeSet;

#[test]
fn payments_and_position_move_together() {
    let ledger = payments();
    Check::new(
        lab::exercise!(),
        "process",
        "exactly once, and never again",
        scenario(&ledger),
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
    .also([41].map(|seed| scenario(&Ledger::from_seed(seed))))
    .budget(Budget {
        per: "record",
        count: ledger.deliveries().len() as u32,
        calls: 4,
        capacity_units: 14,
    })
    .facts(|aftermath| vec![("balances".into(), Ledger::balances_in(aftermath))])
    .judge();
}

/// A repeat in the middle, an overdraft, and at the end once more the first.
fn payments() -> Ledger {
    let all = Ledger::five_payments_and_an_overdraft();
    let payment = |id: &str| {
        let mut payments = all.deliveries().iter();
        let found = payments.find(|payment| payment.event_id == id);
        found.expect("the ledger has it").clone()
    };
    let deliveries = ["evt_1", "evt_2", "evt_2", "evt_5", "evt_8", "evt_1"].map(payment);
    all.delivering(deliveries.to_vec())
}

fn scenario(ledger: &Ledger) -> Scenario {
    let ledger = ledger.clone();
    Scenario::new(worker)
        .stream("payment-events", 1, ledger.records())
        .table("account-balances", "accountId", ledger.opening_items())
        .watched_table("processed-events", "eventId", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let mut anomalies = ledger.audit(aftermath);
            anomalies.extend(aftermath.checkpoint_moved_back("checkpoints"));
            anomalies.extend(disagreement(ledger.deliveries(), aftermath));
            anomalies
        })
}

async fn worker(aws: Aws) -> Result<(), answer::Error> {
    let source = Source {
        kinesis: aws.kinesis.clone(),
        payment_events: aws.name("payment-events"),
    };
    let tables = Tables {
        account_balances: aws.name("account-balances"),
        processed_events: aws.name("processed-events"),
        checkpoints: aws.name("checkpoints"),
    };
    answer::process(&source, &aws.dynamodb, &tables).await
}

/// The first moment at which the events that are decided are not those up to the position; and a position before the
/// end.
fn disagreement(deliveries: &[Payment], aftermath: &Aftermath) -> Option<Anomaly> {
    let mut done = 0;
    for tables in aftermath.moments() {
        let items = |table| tables.get(table).copied().unwrap_or_default();
        done = match aftermath.records_done("payment-events", SHARD, items("checkpoints")) {
            Ok(done) => done,
            Err(anomaly) => return Some(anomaly),
        };
        let decided: BTreeSet<&str> = items("processed-events")
            .iter()
            .filter_map(|item| Aftermath::text(item, "eventId"))
            .collect();
        let up_to_here: BTreeSet<&str> = deliveries[..done]
            .iter()
            .map(|payment| payment.event_id.as_str())
            .collect();
        if let Some(id) = up_to_here.difference(&decided).next() {
            let what = format!(
                "the position is after {id}, which is not in processed-events: a crash at this moment loses it"
            );
            return Some(Anomaly::of_event(AnomalyKind::Lost, id, what));
        }
        if let Some(id) = decided.difference(&up_to_here).next() {
            let what = format!(
                "{id} is in processed-events, and the position is still before it: after a crash at this moment \
                 it is done again"
            );
            return Some(Anomaly::of_event(AnomalyKind::Duplicate, id, what));
        }
    }
    (done < deliveries.len()).then(|| {
        let what = format!(
            "the position is at record {done} of {} when all are decided: the rest is read again each time",
            deliveries.len()
        );
        Anomaly::new(AnomalyKind::Stuck, what)
    })
}
