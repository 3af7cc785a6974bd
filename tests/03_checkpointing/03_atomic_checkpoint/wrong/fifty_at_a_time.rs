//! expect: STUCK after no-fault
//!
//! Fifty payments have two actions each, and the position is one more: that is one too many.

mod source;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put,
    TransactWriteItem, Update,
};
pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
    pub checkpoints: String,
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn load(dynamodb: &Client, tables: &Tables) -> Result<Option<String>, Error> {
    let got = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", s(SHARD))
        .consistent_read(true)
        .send()
        .await?;
    match got.item() {
        None => Ok(None),
        Some(item) => match item.get("sequenceNumber") {
            Some(AttributeValue::S(at)) => Ok(Some(at.clone())),
            other => Err(format!("no position: {other:?}").into()),
        },
    }
}

struct Batch {
    ids: BTreeMap<String, &'static str>,
    deltas: BTreeMap<String, i64>,
    to: String,
}

async fn is_known(dynamodb: &Client, tables: &Tables, id: &str) -> Result<bool, Error> {
    Ok(dynamodb
        .get_item()
        .table_name(&tables.processed_events)
        .key("eventId", s(id))
        .consistent_read(true)
        .send()
        .await?
        .item
        .is_some())
}

async fn balance(dynamodb: &Client, tables: &Tables, account: &str) -> Result<i64, Error> {
    let got = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", s(account))
        .consistent_read(true)
        .send()
        .await?;
    Ok(match got.item().and_then(|item| item.get("balanceCents")) {
        Some(AttributeValue::N(cents)) => cents.parse()?,
        _ => 0,
    })
}

async fn flush(
    dynamodb: &Client,
    tables: &Tables,
    from: Option<&str>,
    batch: Batch,
) -> Result<(), Error> {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", s(SHARD))
        .item("sequenceNumber", s(&batch.to));
    let put = match from {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => put
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", s(from)),
    };
    let mut actions = vec![
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build(),
    ];
    for (id, outcome) in &batch.ids {
        let put = Put::builder()
            .table_name(&tables.processed_events)
            .item("eventId", s(id))
            .item("outcome", s(outcome))
            .condition_expression("attribute_not_exists(eventId)");
        actions.push(
            TransactWriteItem::builder()
                .put(put.build().unwrap())
                .build(),
        );
    }
    for (account, delta) in &batch.deltas {
        let update = Update::builder()
            .table_name(&tables.account_balances)
            .key("accountId", s(account))
            .update_expression("ADD balanceCents :delta")
            .expression_attribute_values(":delta", n(*delta));
        actions.push(
            TransactWriteItem::builder()
                .update(update.build().unwrap())
                .build(),
        );
    }
    dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await?;
    Ok(())
}

pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut position = load(dynamodb, tables).await?;
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    let mut batch: Option<Batch> = None;
    for record in source.read_after(position.as_deref()).await? {
        let payment = &record.payment;
        if batch.as_ref().is_some_and(|batch| batch.ids.len() >= 50) {
            let full = batch.take().unwrap();
            let to = full.to.clone();
            flush(dynamodb, tables, position.as_deref(), full).await?;
            position = Some(to);
        }
        let batch = batch.get_or_insert_with(|| Batch {
            ids: BTreeMap::new(),
            deltas: BTreeMap::new(),
            to: String::new(),
        });
        batch.to = record.sequence_number.clone();
        if batch.ids.contains_key(&payment.event_id)
            || is_known(dynamodb, tables, &payment.event_id).await?
        {
            continue;
        }
        if !balances.contains_key(&payment.account_id) {
            balances.insert(
                payment.account_id.clone(),
                balance(dynamodb, tables, &payment.account_id).await?,
            );
        }
        let balance = balances.get_mut(&payment.account_id).unwrap();
        let delta = match payment.r#type {
            PaymentType::Deposit => payment.amount_cents,
            PaymentType::Withdrawal => -payment.amount_cents,
        };
        if payment.r#type == PaymentType::Withdrawal && *balance + delta < 0 {
            batch.ids.insert(payment.event_id.clone(), "rejected");
            continue;
        }
        *balance += delta;
        batch.ids.insert(payment.event_id.clone(), "applied");
        *batch.deltas.entry(payment.account_id.clone()).or_default() += delta;
    }
    if let Some(batch) = batch {
        flush(dynamodb, tables, position.as_deref(), batch).await?;
    }
    Ok(())
}
