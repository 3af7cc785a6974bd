//! The order of two calls decides what a crash does.

use super::answer::{self, Consumer};
use lab::Fault::*;
use lab::{AnomalyKind, Aws, Check, Ledger, Scenario, Strike};

#[test]
fn at_most_once_never_repeats_an_event() {
    Check::new(
        lab::exercise!(),
        "at_most_once",
        "never twice, sometimes not at all",
        scenario(&events(), |aws| async move {
            answer::at_most_once(&consumer(&aws)).await
        }),
    )
    .under(FAULTS)
    .permits(&[AnomalyKind::Lost])
    .tells_what_crashes_do(&events().event_ids())
    .also([21].map(|seed| {
        let ledger = Ledger::from_seed(seed).without_repeats();
        scenario(&ledger, |aws| async move {
            answer::at_most_once(&consumer(&aws)).await
        })
    }))
    .shows(FIRST_RESPONSE_LOST)
    .judge();
}

#[test]
fn at_least_once_never_loses_an_event() {
    Check::new(
        lab::exercise!(),
        "at_least_once",
        "never lost, sometimes twice",
        scenario(&events(), |aws| async move {
            answer::at_least_once(&consumer(&aws)).await
        }),
    )
    .under(FAULTS)
    .permits(&[AnomalyKind::Duplicate])
    .tells_what_crashes_do(&events().event_ids())
    .also([21].map(|seed| {
        let ledger = Ledger::from_seed(seed).without_repeats();
        scenario(&ledger, |aws| async move {
            answer::at_least_once(&consumer(&aws)).await
        })
    }))
    .shows(FIRST_RESPONSE_LOST)
    .judge();
}

const FAULTS: &[lab::Fault] = &[
    CrashBefore,
    CrashAfter,
    LostResponse,
    NoAnswer,
    Throttled,
    ThrottledOut,
    EmptyPage,
    Redelivered,
];

/// In the references the first three calls read; then come a commit and a process for each record.
const FIRST_RESPONSE_LOST: &[Strike] = &[
    Strike {
        fault: LostResponse,
        at: 4,
    },
    Strike {
        fault: LostResponse,
        at: 2,
    },
];

/// Each event arrives once: what is repeated, the consumer repeats.
fn events() -> Ledger {
    Ledger::four_payments()
}

fn scenario<F>(ledger: &Ledger, work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = Result<(), answer::Error>> + 'static,
{
    let ledger = ledger.clone();
    Scenario::new(work)
        .stream("payment-events", 1, ledger.records())
        .table("account-balances", "accountId", ledger.opening_items())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let mut anomalies = ledger.audit(aftermath);
            anomalies.extend(aftermath.checkpoint_moved_back("checkpoints"));
            anomalies
        })
}

fn consumer(aws: &Aws) -> Consumer {
    Consumer {
        kinesis: aws.kinesis.clone(),
        dynamodb: aws.dynamodb.clone(),
        payment_events: aws.name("payment-events"),
        account_balances: aws.name("account-balances"),
        checkpoints: aws.name("checkpoints"),
    }
}
