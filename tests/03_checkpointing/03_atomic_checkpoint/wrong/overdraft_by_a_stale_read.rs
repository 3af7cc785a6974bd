//! expect: LOST after stale-read
//!
//! Rejects a withdrawal by a balance that may be older than the deposit before it.

mod source;

pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue::{self, N, S};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use std::collections::HashMap;

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
    pub checkpoints: String,
}

pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut from = position(dynamodb, tables).await?;
    for record in source.read_after(from.as_deref()).await? {
        let (payment, to) = (&record.payment, &record.sequence_number);
        let (known, account) = tokio::try_join!(
            get(
                dynamodb,
                &tables.processed_events,
                "eventId",
                &payment.event_id
            ),
            stale(dynamodb, tables, &payment.account_id),
        )?;
        let mut actions = vec![advance(tables, from.as_deref(), to)?];
        if known.is_none() {
            let old = cents(account.as_ref())?;
            let new = match payment.r#type {
                PaymentType::Deposit => old + payment.amount_cents,
                PaymentType::Withdrawal => old - payment.amount_cents,
            };
            if new < 0 {
                actions.push(remember(tables, payment, "rejected")?);
            } else {
                actions.push(remember(tables, payment, "applied")?);
                actions.push(set(
                    tables,
                    &payment.account_id,
                    account.as_ref().map(|_| old),
                    new,
                )?);
            }
        }
        if let Some(reasons) = send(dynamodb, actions).await? {
            return Err(format!("{} is undecided: {reasons:?}", payment.event_id).into());
        }
        from = Some(to.clone());
    }
    Ok(())
}

async fn position(dynamodb: &Client, tables: &Tables) -> Result<Option<String>, Error> {
    let found = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", S(SHARD.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    Ok(found
        .item()
        .and_then(|item| item.get("sequenceNumber"))
        .and_then(|position| position.as_s().ok())
        .cloned())
}

fn remember(tables: &Tables, payment: &Payment, outcome: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", S(payment.event_id.clone()))
        .item("outcome", S(outcome.to_owned()))
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn advance(tables: &Tables, from: Option<&str>, to: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", S(SHARD.to_owned()))
        .item("sequenceNumber", S(to.to_owned()));
    let put = match from {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => put
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", S(from.to_owned())),
    };
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

async fn send(
    dynamodb: &Client,
    actions: Vec<TransactWriteItem>,
) -> Result<Option<Vec<String>>, Error> {
    let sent = dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(None),
        Err(error) => error,
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let reasons = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or("None").to_owned());
        return Ok(Some(reasons.collect()));
    }
    Err(error.into())
}

async fn get(
    dynamodb: &Client,
    table: &str,
    key: &str,
    value: &str,
) -> Result<Option<HashMap<String, AttributeValue>>, Error> {
    Ok(dynamodb
        .get_item()
        .table_name(table)
        .key(key, S(value.to_owned()))
        .consistent_read(true)
        .send()
        .await?
        .item)
}

fn cents(item: Option<&HashMap<String, AttributeValue>>) -> Result<i64, Error> {
    match item.and_then(|item| item.get("balanceCents")) {
        None => Ok(0),
        Some(N(cents)) => Ok(cents.parse()?),
        Some(other) => Err(format!("no number: {other:?}").into()),
    }
}

fn set(
    tables: &Tables,
    account: &str,
    old: Option<i64>,
    new: i64,
) -> Result<TransactWriteItem, Error> {
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", S(account.to_owned()))
        .update_expression("SET balanceCents = :new")
        .expression_attribute_values(":new", N(new.to_string()));
    let update = match old {
        Some(old) => update
            .condition_expression("balanceCents = :old")
            .expression_attribute_values(":old", N(old.to_string())),
        None => update.condition_expression("attribute_not_exists(balanceCents)"),
    };
    Ok(TransactWriteItem::builder().update(update.build()?).build())
}

async fn stale(
    dynamodb: &Client,
    tables: &Tables,
    account: &str,
) -> Result<Option<HashMap<String, AttributeValue>>, Error> {
    Ok(dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", S(account.to_owned()))
        .send()
        .await?
        .item)
}
