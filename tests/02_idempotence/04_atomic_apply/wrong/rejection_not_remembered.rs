//! expect: CORRUPT after no-fault
//!
//! An overdraft changes nothing, so nothing is written. When the event comes again, the account may have the money,
//! and the same event that was rejected is applied.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

/// The full names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
}

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let remember = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S("applied".to_owned()))
        .item(
            "processedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .expression_attribute_values(":amount", AttributeValue::N(event.amount_cents.to_string()));
    let move_balance = match event.payment_type {
        PaymentType::Deposit => update
            .update_expression("ADD balanceCents :amount")
            .build()?,
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount")
            .build()?,
    };
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
        .transact_items(TransactWriteItem::builder().update(move_balance).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    match reasons(error.as_service_error()).as_slice() {
        ["ConditionalCheckFailed", _] => Ok(Outcome::Duplicate),
        ["None", "ConditionalCheckFailed"] => Ok(Outcome::Rejected),
        _ => Err(error.into()),
    }
}

/// The code of each action's reason, or nothing if it was no cancellation.
fn reasons(error: Option<&TransactWriteItemsError>) -> Vec<&str> {
    match error {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or("None"))
            .collect(),
        _ => Vec::new(),
    }
}
