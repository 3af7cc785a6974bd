//! The order of two calls decides what a crash does.

use super::answer::{self, Consumer};
use lab::Fault::*;
use lab::{Aftermath, AnomalyKind, Aws, Check, Ledger, Outcome, Scenario, Strike};

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
    .again(ThrottledOut, 2)
    // A commit that stays refused, or gets no answer, and a crash after the call that comes next.
    .together(&[ThrottledOut.at(4), CrashAfter.at(1)])
    .together(&[NoAnswer.at(4), CrashAfter.at(1)])
    // And one that is tried again, and refused again.
    .together(&[ThrottledOut.at(4), ThrottledOut.at(1), CrashAfter.at(1)])
    // The same with the last record: nothing comes behind it that could move the position.
    .together(&[ThrottledOut.at(10), Redelivered.at(1)])
    .together(&[NoAnswer.at(10), Redelivered.at(1)])
    .permits(&[AnomalyKind::Lost])
    .tells_what_crashes_do(&events().event_ids())
    .also([scenario(&other_events(), |aws| async move {
        answer::at_most_once(&consumer(&aws)).await
    })])
    .unlike(SOUND_BUT_DIFFERENT)
    .shows(FIRST_RESPONSE_LOST)
    .judge();
}

#[test]
fn at_least_once_never_loses_an_event() {
    Check::new(
        lab::exercise!(),
        "at_least_once",
        "never lost, sometimes twice",
        scenario(&events(), at_least_once),
    )
    .under(FAULTS)
    // Work that stays refused is not to be done later, behind a commit.
    .together(&[ThrottledOut.at(4), CrashAfter.at(1)])
    .again(ThrottledOut, 2)
    .permits(&[AnomalyKind::Duplicate])
    .tells_what_crashes_do(&events().event_ids())
    .also([scenario(&other_events(), at_least_once)])
    .unlike(SOUND_BUT_DIFFERENT)
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

const SOUND_BUT_DIFFERENT: &str = "nothing is wrong with this answer, but crashes lose and repeat other records than with \
     two writes, which this exercise is about: use `read`, `process` and `commit`, and no other call";

/// In the references the first three calls read; then come a commit and a process for each record.
const FIRST_RESPONSE_LOST: &[Strike] = &[LostResponse.at(4), LostResponse.at(2)];

/// Notes a good end: by then everything is committed.
async fn at_least_once(aws: Aws) -> Result<(), answer::Error> {
    answer::at_least_once(&consumer(&aws)).await?;
    aws.note(Aftermath::ENDED);
    Ok(())
}

/// Each event arrives once: what is repeated, the consumer repeats.
fn events() -> Ledger {
    Ledger::four_payments()
}

fn other_events() -> Ledger {
    Ledger::from_seed(21).without_repeats()
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
            if commits_while_it_processes(aftermath) {
                for lost in anomalies
                    .iter_mut()
                    .filter(|anomaly| anomaly.kind == AnomalyKind::Lost)
                {
                    lost.why = Some(
                        "the position moved past a record whose `process` was still under way, and then failed",
                    );
                }
            }
            anomalies.extend(
                aftermath
                    .checkpoint_moved_back("checkpoints")
                    .map(|anomaly| {
                        anomaly.because(
                            "a position says that all records up to it are done: commit in their order, one after another",
                        )
                    }),
            );
            let too_early =
                aftermath.ended_too_early("payment-events", "shardId-000000000000", "checkpoints");
            anomalies.extend(too_early.map(|anomaly| {
                anomaly.because(
                    "who ends well is not started again: whoever reads next repeats what was never committed",
                )
            }));
            anomalies
        })
}

/// Whether a position was stored between two attempts of one call that processes.
fn commits_while_it_processes(aftermath: &Aftermath) -> bool {
    let trace = &aftermath.trace;
    let throttled = |index: &usize| trace[*index].struck == Some(ThrottledOut);
    let first = (0..trace.len()).find(throttled);
    let last = (0..trace.len()).rfind(throttled);
    first.zip(last).is_some_and(|(first, last)| {
        trace[first].resources == ["account-balances"]
            && trace[first..last]
                .iter()
                .any(|entry| entry.resources == ["checkpoints"] && entry.outcome == Outcome::Ok)
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
