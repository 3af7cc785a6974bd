//! Nothing is lost, repeats can be recognised, and each account's payments keep their order.

use super::answer::{self, Payment};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Check, Dice, Scenario};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn every_payment_is_on_the_stream_under_one_id_and_in_order() {
    Check::new(
        lab::exercise!(),
        "send",
        "nothing lost, repeats recognised, order kept",
        scenario(payments()),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        NoAnswer,
        Throttled,
        ThrottledOut,
        Denied,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[PartialPut])
    .also([51, 52, 53].map(|seed| scenario(drawn(seed))))
    .facts(|aftermath| {
        let orders = distinct(aftermath).unwrap_or_default();
        let told = |(account, payments): (&String, &Vec<(String, i64)>)| {
            let amounts: Vec<_> = payments
                .iter()
                .map(|(_, cents)| lab::money(*cents))
                .collect();
            (account.clone(), amounts.join(", "))
        };
        orders.iter().map(told).collect()
    })
    .judge();
}

/// More than one call takes.
#[test]
fn five_hundred_and_one_payments_are_sent() {
    let payment = |row: u64| Payment {
        row,
        account_id: format!("account-{row}"),
        amount_cents: 100,
    };
    Check::new(
        lab::exercise!(),
        "send_501",
        "more than one call takes",
        scenario((1..=501).map(payment).collect()),
    )
    .judge();
}

/// Six payments of two accounts. Alice's second and third are alike.
fn payments() -> Vec<Payment> {
    let of = [
        ("alice", 5000),
        ("bob", 3000),
        ("alice", -2000),
        ("alice", -2000),
        ("bob", -1000),
        ("alice", 700),
    ];
    (1..)
        .zip(of)
        .map(|(row, (account_id, amount_cents))| Payment {
            row,
            account_id: account_id.to_owned(),
            amount_cents,
        })
        .collect()
}

fn drawn(seed: u64) -> Vec<Payment> {
    let mut dice = Dice::new(seed);
    let first = 1 + dice.below(1000);
    (0..7)
        .map(|at| Payment {
            row: first + at,
            account_id: ["dora", "emil", "fay"][dice.below(3) as usize].to_owned(),
            amount_cents: 1 + dice.below(4) as i64,
        })
        .collect()
}

fn scenario(payments: Vec<Payment>) -> Scenario {
    let expected = payments.clone();
    Scenario::new(move |aws| {
        let payments = payments.clone();
        async move { answer::send(&aws.kinesis, &aws.name("payment-events"), &payments).await }
    })
    .output_stream("payment-events")
    .audit(move |aftermath| match distinct(aftermath) {
        Ok(found) => differences(&expected, &found),
        Err(anomaly) => vec![anomaly],
    })
}

/// What a consumer that passes over repeats finds: the ids and amounts of each account, in order.
fn distinct(aftermath: &Aftermath) -> Result<BTreeMap<String, Vec<(String, i64)>>, Anomaly> {
    let corrupt = |what: String| Anomaly::new(AnomalyKind::Corrupt, what);
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut found: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    let records = aftermath.records.get("payment-events");
    for (partition_key, data) in records.into_iter().flatten() {
        let text = String::from_utf8_lossy(data);
        let record: Value = serde_json::from_slice(data)
            .map_err(|_| corrupt(format!("the record `{text}` is no JSON")))?;
        let (Some(id), Some(account), Some(cents)) = (
            record["eventId"].as_str(),
            record["accountId"].as_str(),
            record["amountCents"].as_i64(),
        ) else {
            return Err(corrupt(format!(
                "the record `{text}` lacks one of eventId, accountId and amountCents"
            )));
        };
        if partition_key != account {
            return Err(corrupt(format!(
                "the record `{text}` has the partition key `{partition_key}`, which is not its account"
            )));
        }
        let told = serde_json::json!([account, cents]);
        match known.get(id) {
            None => {
                known.insert(id.to_owned(), told);
                let payments = found.entry(account.to_owned()).or_default();
                payments.push((id.to_owned(), cents));
            }
            Some(before) if *before == told => {}
            Some(_) => {
                return Err(Anomaly::new(
                    AnomalyKind::Lost,
                    format!(
                        "`{id}` is the id of two payments: a consumer takes the second for a repeat"
                    ),
                ));
            }
        }
    }
    Ok(found)
}

fn differences(payments: &[Payment], found: &BTreeMap<String, Vec<(String, i64)>>) -> Vec<Anomaly> {
    let mut expected: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in payments {
        expected
            .entry(&payment.account_id)
            .or_default()
            .push(payment.amount_cents);
    }
    let mut anomalies = Vec::new();
    for (account, expected) in &expected {
        let found: Vec<i64> = found
            .get(*account)
            .map(|payments| payments.iter().map(|(_, cents)| *cents).collect())
            .unwrap_or_default();
        if found == *expected {
            continue;
        }
        let told = |cents: &[i64]| {
            let amounts: Vec<_> = cents.iter().map(|cents| lab::money(*cents)).collect();
            amounts.join(", ")
        };
        let (kind, what) = match found.len().cmp(&expected.len()) {
            std::cmp::Ordering::Less => (AnomalyKind::Lost, "a payment is missing"),
            std::cmp::Ordering::Greater => {
                (AnomalyKind::Duplicate, "a payment is there under two ids")
            }
            std::cmp::Ordering::Equal => (AnomalyKind::Corrupt, "the payments are out of order"),
        };
        anomalies.push(Anomaly::new(
            kind,
            format!(
                "{what}: a consumer finds {account} at {}; sent was {}",
                if found.is_empty() {
                    "nothing".to_owned()
                } else {
                    told(&found)
                },
                told(expected)
            ),
        ));
    }
    anomalies
}
