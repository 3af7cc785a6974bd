//! expect: CORRUPT after zombie
//!
//! The rejection meets an id that is there, and returns a rejection all the same. Who was faster may have applied the event.

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
            "decidedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .expression_attribute_values(":amount", AttributeValue::N(event.amount_cents.to_string()));
    let update = match event.payment_type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount"),
    };
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
        .transact_items(TransactWriteItem::builder().update(update.build()?).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let codes: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code())
            .collect();
        match codes.as_slice() {
            [Some("ConditionalCheckFailed"), _] => return Ok(Outcome::Duplicate),
            [Some("None"), Some("ConditionalCheckFailed")] => {
                return reject(dynamodb, tables, event, now_epoch_seconds).await;
            }
            _ => {}
        }
    }
    Err(error.into())
}

async fn reject(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let sent = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S("rejected".to_owned()))
        .item(
            "decidedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match sent {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Err(error.into())
        }
        _ => Ok(Outcome::Rejected),
    }
}
