//! Compute the balance from its events: the reference.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A payment. The producer gives each one an id, which is the same in every delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// By how much, in cents; below 0 for a withdrawal.
    pub delta_cents: i64,
}

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-events`.
    pub account_events: String,
    /// The table `account-balances`.
    pub account_balances: String,
}

/// So often the balance may change under a worker before it gives up.
const ATTEMPTS: u32 = 8;

// ANCHOR: apply
/// Records `event`, and brings its account's balance up to date.
///
/// # Errors
///
/// Whatever keeps the balance from being up to date.
pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    record(dynamodb, tables, event).await?;
    for _ in 0..ATTEMPTS {
        // The version first: if another balance is set after this, the write below fails.
        let version = version(dynamodb, tables, &event.account_id).await?;
        let sum_cents = sum(dynamodb, tables, &event.account_id).await?;
        if set_balance(dynamodb, tables, &event.account_id, sum_cents, version).await? {
            return Ok(());
        }
        // Another worker was faster. Its sum may lack this event, so take it once more.
    }
    Err(format!("the balance of {} changes all the time", event.account_id).into())
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
        // Also for the SDK's own repeat: then the next round sets the sum once more, under the next version.
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
// ANCHOR_END: apply

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

/// The version of the balance, as it is now.
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

fn number(item: Option<&HashMap<String, AttributeValue>>, name: &str) -> Result<i64, Error> {
    match item.and_then(|item| item.get(name)) {
        Some(AttributeValue::N(number)) => Ok(number.parse()?),
        other => Err(format!("{name} is {other:?}").into()),
    }
}
