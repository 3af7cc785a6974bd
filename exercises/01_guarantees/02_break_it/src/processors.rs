//! Three processors of payments, each with a flaw. All given; there is nothing to change here.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;

/// Whatever went wrong: the worker ends with it, and another one begins with the first delivery.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A payment. Another delivery of it has the same id.
#[derive(Clone, Debug)]
pub struct Payment {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// By how much, in cents; below 0 for a withdrawal.
    pub delta_cents: i64,
}

/// The full names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// `accountId`, `balanceCents`
    pub account_balances: String,
    /// `eventId`
    pub processed_events: String,
}

// ANCHOR: check_then_act
/// Looks whether the event is known, reads the balance, writes the balance, remembers the event.
pub async fn check_then_act(
    dynamodb: &Client,
    tables: &Tables,
    payment: &Payment,
) -> Result<(), Error> {
    let event_id = AttributeValue::S(payment.event_id.clone());
    let known = dynamodb
        .get_item()
        .table_name(&tables.processed_events)
        .key("eventId", event_id.clone())
        .consistent_read(true)
        .send()
        .await?;
    if known.item.is_some() {
        return Ok(());
    }
    let balance_cents = balance(dynamodb, tables, payment).await?;
    dynamodb
        .put_item()
        .table_name(&tables.account_balances)
        .item("accountId", AttributeValue::S(payment.account_id.clone()))
        .item(
            "balanceCents",
            AttributeValue::N((balance_cents + payment.delta_cents).to_string()),
        )
        .send()
        .await?;
    dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", event_id)
        .send()
        .await?;
    Ok(())
}
// ANCHOR_END: check_then_act

// ANCHOR: mark_first
/// Remembers the event first, unless it is known, and adds to the balance then.
pub async fn mark_first(
    dynamodb: &Client,
    tables: &Tables,
    payment: &Payment,
) -> Result<(), Error> {
    let marked = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(payment.event_id.clone()))
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match marked {
        Ok(_) => add_to_balance(dynamodb, tables, payment).await,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
// ANCHOR_END: mark_first

// ANCHOR: add
/// Adds to the balance, unless this very worker has done so already.
pub async fn add(
    dynamodb: &Client,
    tables: &Tables,
    payment: &Payment,
    seen: &mut BTreeSet<String>,
) -> Result<(), Error> {
    if seen.insert(payment.event_id.clone()) {
        add_to_balance(dynamodb, tables, payment).await?;
    }
    Ok(())
}
// ANCHOR_END: add

async fn add_to_balance(
    dynamodb: &Client,
    tables: &Tables,
    payment: &Payment,
) -> Result<(), Error> {
    dynamodb
        .update_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(payment.account_id.clone()))
        .update_expression("ADD balanceCents :delta")
        .expression_attribute_values(":delta", AttributeValue::N(payment.delta_cents.to_string()))
        .send()
        .await?;
    Ok(())
}

async fn balance(dynamodb: &Client, tables: &Tables, payment: &Payment) -> Result<i64, Error> {
    let read = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(payment.account_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    match read.item().and_then(|item| item.get("balanceCents")) {
        Some(AttributeValue::N(cents)) => Ok(cents.parse()?),
        _ => Ok(0),
    }
}
