//! Whoever loses twice is done: the second winner read the version of the first, after this event was recorded.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
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

pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    record(dynamodb, tables, event).await?;
    for _ in 0..2 {
        let version = version(dynamodb, tables, &event.account_id).await?;
        let sum_cents = sum(dynamodb, tables, &event.account_id).await?;
        if set_balance(dynamodb, tables, &event.account_id, sum_cents, version).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Records the event under its id: doing it again changes nothing.
async fn record(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    dynamodb
        .put_item()
        .table_name(&tables.account_events)
        .item("accountId", AttributeValue::S(event.account_id.clone()))
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item(
            "deltaCents",
            AttributeValue::N(event.delta_cents.to_string()),
        )
        .send()
        .await?;
    Ok(())
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
async fn sum(dynamodb: &Client, tables: &Tables, account_id: &str) -> Result<i64, Error> {
    let mut sum_cents = 0_i64;
    let mut pages = dynamodb
        .query()
        .table_name(&tables.account_events)
        .key_condition_expression("accountId = :account")
        .expression_attribute_values(":account", AttributeValue::S(account_id.to_owned()))
        .consistent_read(true)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for item in page?.items() {
            let delta_cents = number(Some(item), "deltaCents")?;
            sum_cents = sum_cents
                .checked_add(delta_cents)
                .ok_or("the sum does not fit an i64")?;
        }
    }
    Ok(sum_cents)
}

/// Sets the balance if its version is still `version`. Whether it was.
async fn set_balance(
    dynamodb: &Client,
    tables: &Tables,
    account_id: &str,
    balance_cents: i64,
    version: i64,
) -> Result<bool, Error> {
    let set = dynamodb
        .update_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(account_id.to_owned()))
        .update_expression("SET balanceCents = :balance, version = :next")
        .condition_expression("version = :version")
        .expression_attribute_values(":balance", AttributeValue::N(balance_cents.to_string()))
        .expression_attribute_values(":next", AttributeValue::N((version + 1).to_string()))
        .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
        .send()
        .await;
    match set {
        Ok(_) => Ok(true),
        // Also for the SDK's own repeat: then the next round finds nothing to change, and succeeds.
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn number(item: Option<&HashMap<String, AttributeValue>>, name: &str) -> Result<i64, Error> {
    match item.and_then(|item| item.get(name)) {
        Some(AttributeValue::N(number)) => Ok(number.parse()?),
        other => Err(format!("{name} is {other:?}").into()),
    }
}
