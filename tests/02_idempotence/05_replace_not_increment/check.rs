//! The balance is the sum of the events, however they come.

use super::answer::{self, PaymentEvent, Tables};
use lab::Fault::*;
use lab::world::{Item, item};
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Check, Ledger, Payment, Scenario};
use serde_json::json;

#[test]
fn a_balance_is_the_sum_of_its_events_however_they_come() {
    Check::new(
        lab::exercise!(),
        "apply",
        "the sum of the events, however they come",
        scenario(&payments()),
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
    .race(race(&payments()))
    .also([71].map(|seed| scenario(&drawn(seed))))
    .facts(|aftermath| vec![("balances".into(), Ledger::balances_in(aftermath))])
    .judge();
}

/// Two payments of alice, the first of them twice.
fn payments() -> Ledger {
    let four = Ledger::four_payments();
    let [first, _, third, _] = four.deliveries() else {
        unreachable!("there are four")
    };
    let deliveries = vec![first.clone(), first.clone(), third.clone()];
    Ledger::new(&[("alice", 10_000)], deliveries)
}

/// Payments of one account, drawn from a seed. A balance may be below 0 here, so none is rejected.
fn drawn(seed: u64) -> Ledger {
    let ledger = Ledger::from_seed(seed).without_repeats();
    let first = &ledger.deliveries()[0];
    let mine = ledger
        .deliveries()
        .iter()
        .filter(|payment| payment.account_id == first.account_id);
    let opening = ledger.opening().get(&first.account_id).copied();
    Ledger::new(
        &[(&first.account_id, opening.unwrap_or_default())],
        mine.take(3).cloned().collect(),
    )
}

/// A payment that comes late: only every second worker gets it.
fn late(ledger: &Ledger) -> Payment {
    let mut payment = ledger.deliveries()[0].clone();
    payment.event_id = "evt_late".to_owned();
    payment.amount_cents = payment.amount_cents * 7 + 3;
    payment
}

/// Workers to whom all payments are delivered: to every second one backwards, and with one more.
fn scenario(ledger: &Ledger) -> Scenario {
    let ledger = ledger.clone();
    let forwards = ledger.deliveries().to_vec();
    let mut backwards = forwards.clone();
    backwards.reverse();
    backwards.push(late(&ledger));
    Scenario::new(move |aws| {
        let deliveries = match aws.life % 2 {
            1 => forwards.clone(),
            _ => backwards.clone(),
        };
        worker(deliveries, aws)
    })
    .sorted_table("account-events", "accountId", "eventId", openings(&ledger))
    .table("account-balances", "accountId", balances(&ledger))
    .items_a_page(2)
    .audit(move |aftermath| audit(&ledger, aftermath))
}

/// Two workers with one payment each: whoever loses the race for the balance has nobody after it who would mend it.
fn race(ledger: &Ledger) -> Scenario {
    let mut mine = ledger.deliveries().to_vec();
    mine.dedup();
    let ledger = Ledger::new(&[("alice", 10_000)], mine.clone());
    Scenario::new(move |aws| {
        // Whoever is started after one of them has given up does the work of both.
        let deliveries = match mine.get(aws.life as usize - 1) {
            Some(payment) => vec![payment.clone()],
            None => mine.clone(),
        };
        worker(deliveries, aws)
    })
    .sorted_table("account-events", "accountId", "eventId", openings(&ledger))
    .table("account-balances", "accountId", balances(&ledger))
    .audit(move |aftermath| audit(&ledger, aftermath))
}

/// Every payment is recorded under its own id, and the balance is the sum of what is recorded.
fn audit(ledger: &Ledger, aftermath: &Aftermath) -> Vec<Anomaly> {
    let late = late(ledger);
    let recorded: Vec<_> = aftermath
        .items("account-events")
        .iter()
        .filter_map(|item| Aftermath::text(item, "eventId"))
        .collect();
    let mut anomalies = Vec::new();
    let mut known = ledger.event_ids();
    known.extend(["opening", &late.event_id]);
    if let Some(other) = recorded.iter().find(|id| !known.contains(*id)) {
        let what = format!(
            "account-events holds `{other}`, which is no event's id: each delivery of it counts"
        );
        anomalies.push(Anomaly::new(AnomalyKind::Duplicate, what));
    }
    for id in &ledger.event_ids() {
        if !recorded.contains(id) {
            let what = format!("{id} is not in account-events: the next sum will lack it");
            anomalies.push(Anomaly::of_event(AnomalyKind::Lost, id, what));
        }
    }
    let mut deliveries = ledger.deliveries().to_vec();
    if recorded.contains(&late.event_id.as_str()) {
        deliveries.push(late);
    }
    anomalies.extend(ledger.delivering(deliveries).audit(aftermath));
    anomalies
}

async fn worker(deliveries: Vec<Payment>, aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        account_events: aws.name("account-events"),
        account_balances: aws.name("account-balances"),
    };
    for payment in deliveries {
        let event = PaymentEvent {
            event_id: payment.event_id.clone(),
            account_id: payment.account_id.clone(),
            delta_cents: payment.delta_cents(),
        };
        answer::apply(&aws.dynamodb, &tables, &event).await?;
    }
    Ok(())
}

fn openings(ledger: &Ledger) -> Vec<Item> {
    let opening = |(account, cents): (&String, &i64)| {
        item(json!({
            "accountId": { "S": account },
            "eventId": { "S": "opening" },
            "deltaCents": { "N": cents.to_string() },
        }))
    };
    ledger.opening().iter().map(opening).collect()
}

fn balances(ledger: &Ledger) -> Vec<Item> {
    let mut items = ledger.opening_items();
    for item in &mut items {
        item.insert("version".to_owned(), json!({ "N": "0" }));
    }
    items
}
