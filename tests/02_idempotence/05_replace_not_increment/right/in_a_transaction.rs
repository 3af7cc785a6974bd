//! Adds up what is there and the new event, and writes event and balance in one transaction.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use std::collections::HashMap;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub delta_cents: i64,
}

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_events: String,
    pub account_balances: String,
}

const ATTEMPTS: u32 = 8;

pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        let version = version(dynamodb, tables, &event.account_id).await?;
        let (sum_cents, is_known) = sum(dynamodb, tables, event).await?;
        let balance_cents = if is_known {
            sum_cents
        } else {
            sum_cents + event.delta_cents
        };
        let put = Put::builder()
            .table_name(&tables.account_events)
            .item("accountId", AttributeValue::S(event.account_id.clone()))
            .item("eventId", AttributeValue::S(event.event_id.clone()))
            .item(
                "deltaCents",
                AttributeValue::N(event.delta_cents.to_string()),
            )
            .build()?;
        let update = Update::builder()
            .table_name(&tables.account_balances)
            .key("accountId", AttributeValue::S(event.account_id.clone()))
            .update_expression("SET balanceCents = :balance, version = :next")
            .condition_expression("version = :version")
            .expression_attribute_values(":balance", AttributeValue::N(balance_cents.to_string()))
            .expression_attribute_values(":next", AttributeValue::N((version + 1).to_string()))
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .build()?;
        let sent = dynamodb
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().update(update).build())
            .send()
            .await;
        match sent {
            Ok(_) => return Ok(()),
            // Another worker, or another transaction: look again.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_transaction_canceled_exception()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(format!("the balance of {} changes all the time", event.account_id).into())
}

async fn version(dynamodb: &Client, tables: &Tables, account_id: &str) -> Result<i64, Error> {
    let found = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(account_id.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    number(found.item(), "version")
}

/// Adds up all events of an account, page by page.
async fn sum(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
) -> Result<(i64, bool), Error> {
    let mut sum_cents = 0_i64;
    let mut is_known = false;
    let mut pages = dynamodb
        .query()
        .table_name(&tables.account_events)
        .key_condition_expression("accountId = :account")
        .expression_attribute_values(":account", AttributeValue::S(event.account_id.clone()))
        .consistent_read(true)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for item in page?.items() {
            let delta_cents = number(Some(item), "deltaCents")?;
            is_known |= item.get("eventId").and_then(|id| id.as_s().ok()) == Some(&event.event_id);
            sum_cents = sum_cents
                .checked_add(delta_cents)
                .ok_or("the sum does not fit an i64")?;
        }
    }
    Ok((sum_cents, is_known))
}

fn number(item: Option<&HashMap<String, AttributeValue>>, name: &str) -> Result<i64, Error> {
    match item.and_then(|item| item.get(name)) {
        Some(AttributeValue::N(number)) => Ok(number.parse()?),
        other => Err(format!("{name} is {other:?}").into()),
    }
}
