//! expect: STUCK after no-fault
//!
//! Batches, and writes nothing where all records of a batch are repeats.

mod source;

pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{self, N, S};
use aws_sdk_dynamodb::types::{KeysAndAttributes, Put, TransactWriteItem};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
    pub checkpoints: String,
}

pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let found = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", S(SHARD.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let mut from = found
        .item()
        .and_then(|item| item.get("sequenceNumber")?.as_s().ok().cloned());
    for records in source.read_after(from.as_deref()).await?.chunks(49) {
        let to = decide(records, from, dynamodb, tables).await?;
        from = Some(to);
    }
    Ok(())
}

async fn decide(
    records: &[Record],
    from: Option<String>,
    dynamodb: &Client,
    tables: &Tables,
) -> Result<String, Error> {
    let event_ids = records.iter().map(|record| &record.payment.event_id);
    let accounts = records.iter().map(|record| &record.payment.account_id);
    let mut known = BTreeSet::new();
    for item in found(
        dynamodb,
        &tables.processed_events,
        "eventId",
        event_ids,
        true,
    )
    .await?
    {
        known.extend(item["eventId"].as_s().ok().cloned());
    }
    let mut balances = BTreeMap::new();
    let table = &tables.account_balances;
    for item in found(dynamodb, table, "accountId", accounts, true).await? {
        if let (S(account), N(cents)) = (&item["accountId"], &item["balanceCents"]) {
            balances.insert(account.clone(), cents.parse::<i64>()?);
        }
    }
    let mut actions = Vec::new();
    let mut changed = BTreeSet::new();
    for Record { payment, .. } in records {
        if !known.insert(payment.event_id.clone()) {
            continue;
        }
        let put = Put::builder()
            .table_name(&tables.processed_events)
            .item("eventId", S(payment.event_id.clone()))
            .condition_expression("attribute_not_exists(eventId)");
        actions.push(put);
        let balance = balances.entry(payment.account_id.clone()).or_insert(0);
        match payment.r#type {
            PaymentType::Deposit => *balance += payment.amount_cents,
            PaymentType::Withdrawal if *balance < payment.amount_cents => continue,
            PaymentType::Withdrawal => *balance -= payment.amount_cents,
        }
        changed.insert(payment.account_id.clone());
    }
    for account in changed {
        let cents = balances[&account].to_string();
        let put = Put::builder()
            .table_name(&tables.account_balances)
            .item("accountId", S(account))
            .item("balanceCents", N(cents));
        actions.push(put);
    }
    if actions.is_empty() {
        return from.ok_or_else(|| "no position".into());
    }
    let to = records.last().map(|record| record.sequence_number.clone());
    let to = to.ok_or("no records")?;
    let position = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", S(SHARD.to_owned()))
        .item("sequenceNumber", S(to.clone()));
    actions.push(match from {
        None => position.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => position
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", S(from)),
    });
    let mut transaction = dynamodb.transact_write_items();
    for put in actions {
        let action = TransactWriteItem::builder().put(put.build()?).build();
        transaction = transaction.transact_items(action);
    }
    transaction.send().await?;
    Ok(to)
}

async fn found(
    dynamodb: &Client,
    table: &str,
    key: &str,
    values: impl Iterator<Item = &String>,
    is_consistent: bool,
) -> Result<Vec<HashMap<String, AttributeValue>>, Error> {
    let values: BTreeSet<&String> = values.collect();
    let mut keys = KeysAndAttributes::builder().consistent_read(is_consistent);
    for value in values {
        keys = keys.keys(HashMap::from([(key.to_owned(), S(value.clone()))]));
    }
    let mut asked = HashMap::from([(table.to_owned(), keys.build()?)]);
    let mut items = Vec::new();
    while !asked.is_empty() {
        let batch = dynamodb.batch_get_item();
        let got = batch.set_request_items(Some(asked)).send().await?;
        let of_table = got.responses.unwrap_or_default().remove(table);
        items.extend(of_table.unwrap_or_default());
        asked = got.unprocessed_keys.unwrap_or_default();
    }
    Ok(items)
}
