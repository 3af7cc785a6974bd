//! Payments and position move together: nothing is lost, nothing counts twice, nothing is done again.

use super::answer::{self, SHARD, Source, Tables};
use lab::Fault::*;
use lab::world::Item;
use lab::{
    Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Decision, Direction, Ledger, Payment,
    Scenario,
};
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
        NoAnswer,
        ServerError,
        Conflict,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    .also([scenario(&Ledger::from_seed(41))])
    // Whoever does many records in one transaction has something to go on from only where more records arrive.
    .also_under(
        &[StaleRead, Zombie, TwoWorkers],
        [scenario(&late_repeats()).grows(&ARRIVALS)],
    )
    .also_under(&[Denied], [scenario(&Ledger::large_amounts())])
    // A repeat or a rejection at the end: nothing follows that would fail.
    .also_under(
        &[ThrottledOut, NoAnswer, Conflict],
        [["evt_2", "evt_2"].as_slice(), &["evt_5"]].map(|ids| scenario(&ledger_of(ids))),
    )
    // More ids and balances than fit into a transaction, and a crash behind the first one.
    .also_at(&[TokenExpired.at(1)], backlog(&deposits(80, 60)))
    // A batch as large as a transaction allows has a successor that writes the same accounts.
    .also_under(&[StaleRead], [backlog(&deposits(80, 25))])
    .budget(Budget {
        per: "record",
        count: ledger.deliveries().len() as u32,
        calls: 4,
        capacity_units: 14,
    })
    .facts(move |aftermath| vec![("balances".into(), ledger.balances_in(aftermath))])
    .judge();
}

/// A repeat, and a withdrawal that only the deposit before it makes possible; an overdraft, and a deposit to the same
/// account, which has had no item.
fn payments() -> Ledger {
    ledger_of(&["evt_2", "evt_2", "evt_4", "evt_5", "evt_6"])
}

/// Once more the overdraft, when the balance would allow it; a withdrawal from the same account, and one of all that is there;
/// and a repeat at the end.
fn late_repeats() -> Ledger {
    ledger_of(&["evt_5", "evt_6", "evt_5", "evt_7", "evt_8", "evt_6"])
}

/// Each of the repeats arrives alone.
const ARRIVALS: [usize; 3] = [2, 3, 5];

fn ledger_of(event_ids: &[&str]) -> Ledger {
    let all = Ledger::five_payments_and_an_overdraft();
    let payment = |id: &&str| {
        let mut payments = all.deliveries().iter();
        let found = payments.find(|payment| payment.event_id == *id);
        let mut payment = found.expect("the ledger has it").clone();
        if *id == "evt_4" {
            payment.amount_cents = 21_000;
        }
        payment
    };
    all.delivering(event_ids.iter().map(payment).collect())
}

/// So many deposits, to so many accounts in turns.
fn deposits(count: u32, accounts: u32) -> Ledger {
    let deposit = |at: u32| Payment {
        event_id: format!("pay-{at}"),
        account_id: format!("account-{}", at % accounts),
        direction: Direction::Deposit,
        // More than four times the sum of all before: a balance tells which ones are missing.
        amount_cents: 5_i64.pow(at / accounts),
    };
    Ledger::new(&[], (0..count).map(deposit).collect())
}

fn scenario(ledger: &Ledger) -> Scenario {
    let ledger = ledger.clone();
    Scenario::new(worker)
        .stream("payment-events", 1, ledger.records())
        .table("account-balances", "accountId", ledger.opening_items())
        .watched_table("processed-events", "eventId", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let mut anomalies = wrong_balances(&ledger, aftermath);
            anomalies.extend(aftermath.checkpoint_moved_back("checkpoints"));
            if let Some(disagreement) = disagreement(&ledger, aftermath) {
                // A rejected payment that was applied in the end was forgotten first.
                let is_told = |it: &Anomaly| {
                    it.kind == AnomalyKind::Corrupt && it.event_id == disagreement.event_id
                };
                anomalies.retain(|anomaly| !is_told(anomaly));
                anomalies.push(disagreement);
            }
            anomalies.extend(aftermath.ended_too_early("payment-events", SHARD, "checkpoints"));
            anomalies
        })
}

/// Many payments. Their ids are looked at in the end only: a hundred versions of up to a hundred items take their time.
fn backlog(ledger: &Ledger) -> Scenario {
    let ledger = ledger.clone();
    Scenario::new(worker)
        .stream("payment-events", 1, ledger.records())
        .table("account-balances", "accountId", ledger.opening_items())
        .table("processed-events", "eventId", Vec::new())
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| {
            let mut anomalies = wrong_balances(&ledger, aftermath);
            if aftermath.has_struck(TokenExpired) {
                anomalies = anomalies
                    .into_iter()
                    .map(|it| it.because(ONE_BATCH))
                    .collect();
            }
            anomalies.extend(aftermath.ended_too_early("payment-events", SHARD, "checkpoints"));
            anomalies
        })
}

const ONE_BATCH: &str = "the ids of a batch, its balances and the position belong in one transaction: a crash between two leaves ids whose payments are never made";

fn wrong_balances(ledger: &Ledger, aftermath: &Aftermath) -> Vec<Anomaly> {
    let anomalies = ledger.audit(aftermath).into_iter();
    match aftermath.is_plain() {
        true => anomalies
            .map(|it| explained(it, ledger, aftermath))
            .collect(),
        false => anomalies.collect(),
    }
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
    answer::process(&source, &aws.dynamodb, &tables).await?;
    aws.note(Aftermath::ENDED);
    Ok(())
}

/// A loss, with its reason where the event was decided all the same.
fn explained(anomaly: Anomaly, ledger: &Ledger, aftermath: &Aftermath) -> Anomaly {
    let mut decided = aftermath.items("processed-events").iter();
    let is_decided = decided.any(|item| {
        anomaly.event_id.is_some()
            && Aftermath::text(item, "eventId") == anomaly.event_id.as_deref()
    });
    if anomaly.kind != AnomalyKind::Lost || !is_decided {
        return anomaly;
    }
    let mut payments = ledger.deliveries().iter();
    let payment = payments.find(|payment| anomaly.event_id.as_ref() == Some(&payment.event_id));
    let opening = payment.and_then(|payment| ledger.opening().get(&payment.account_id).copied());
    let why = match payment {
        Some(payment) if payment.delta_cents() < -opening.unwrap_or(0) => {
            "its id is there, and its effect is not: was it rejected? The deposits before it make it possible, also \
             those in the same transaction"
        }
        Some(payment) if payment.direction == Direction::Withdrawal => {
            "its id is there, and its effect is not: was it rejected? A withdrawal of the whole balance is not beyond it"
        }
        _ => {
            "its id is there, and its effect is not: whoever reads the record again takes it for done"
        }
    };
    anomaly.because(why)
}

const TWO_WRITES: &str = "id and position are two writes here, with a moment between them: put both into one TransactWriteItems";

/// The first moment at which the events that are decided are not those up to the position; and a position before the
/// end.
fn disagreement(ledger: &Ledger, aftermath: &Aftermath) -> Option<Anomaly> {
    let deliveries = ledger.deliveries();
    let mut moments = Vec::new();
    for tables in aftermath.moments() {
        let items = |table| tables.get(table).copied().unwrap_or_default();
        match aftermath.records_done("payment-events", SHARD, items("checkpoints")) {
            Ok(done) => moments.push((done, ids(items("processed-events")))),
            Err(anomaly) => return Some(anomaly),
        }
    }
    let because = |anomaly: Anomaly, why| match aftermath.is_plain() {
        true => anomaly.because(why),
        false => anomaly,
    };
    for (at, (done, decided)) in moments.iter().enumerate() {
        let up_to_here: BTreeSet<&str> = deliveries[..*done]
            .iter()
            .map(|payment| payment.event_id.as_str())
            .collect();
        if let Some(id) = up_to_here.difference(decided).next() {
            let mut later = moments[at..].iter();
            if later.any(|(then, decided)| then == done && decided.contains(id)) {
                let what = format!(
                    "the position is after {id}, which is not in processed-events: a crash at this moment loses it"
                );
                let anomaly = Anomaly::of_event(AnomalyKind::Lost, id, what);
                return Some(because(anomaly, TWO_WRITES));
            }
            let mut decisions = deliveries.iter().zip(ledger.decisions());
            let is_rejected = decisions.any(|(payment, decision)| {
                payment.event_id == *id && decision == Decision::Rejected
            });
            let what = format!("the position is after {id}, which is not in processed-events");
            let anomaly = Anomaly::of_event(AnomalyKind::Lost, id, what);
            return Some(match is_rejected {
                true => because(
                    anomaly,
                    "a rejection is a decision: without its id a repeat is decided anew, and after a deposit perhaps otherwise",
                ),
                false => anomaly,
            });
        }
        if let Some(id) = decided.difference(&up_to_here).next() {
            let what = format!(
                "{id} is in processed-events, and the position is still before it: after a crash at this moment \
                 it is done again"
            );
            let anomaly = Anomaly::of_event(AnomalyKind::Duplicate, id, what);
            return Some(because(anomaly, TWO_WRITES));
        }
    }
    let nothing = (0, BTreeSet::new());
    let (done, decided) = moments.last().unwrap_or(&nothing);
    if *done == deliveries.len() {
        return None;
    }
    let what = format!(
        "the position is at record {done} of {} when all are decided: the rest is read again each time",
        deliveries.len()
    );
    let anomaly = Anomaly::new(AnomalyKind::Stuck, what);
    let mut rest = deliveries[*done..].iter();
    Some(
        match rest.all(|payment| decided.contains(payment.event_id.as_str())) {
            true => because(
                anomaly,
                "the record of a repeat is done as well: move the position past it",
            ),
            false => anomaly,
        },
    )
}

fn ids(items: &[Item]) -> BTreeSet<&str> {
    let id = |item| Aftermath::text(item, "eventId");
    items.iter().filter_map(id).collect()
}
