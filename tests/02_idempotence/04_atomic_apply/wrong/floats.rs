//! expect: CORRUPT after no-fault
//!
//! Everything is atomic, conditional and checked, and the balance is computed in a float: 5.23 + 0.97 is a little less
//! than 6.20. Whole amounts, as in most examples, never show it.

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
    let account = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    let balance_cents: i64 = match account
        .item
        .as_ref()
        .and_then(|item| item.get("balanceCents"))
    {
        Some(AttributeValue::N(number)) => number.parse()?,
        _ => 0,
    };
    let amount = event.amount_cents as f64 / 100.0;
    let balance = balance_cents as f64 / 100.0;
    let new = match event.payment_type {
        PaymentType::Deposit => balance + amount,
        PaymentType::Withdrawal => balance - amount,
    };
    if new < 0.0 {
        return reject(dynamodb, tables, event).await;
    }
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
    let move_balance = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .update_expression("SET balanceCents = :new")
        .condition_expression("attribute_not_exists(accountId) OR balanceCents = :old")
        .expression_attribute_values(
            ":new",
            AttributeValue::N(((new * 100.0) as i64).to_string()),
        )
        .expression_attribute_values(":old", AttributeValue::N(balance_cents.to_string()))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
        .transact_items(TransactWriteItem::builder().update(move_balance).build())
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Outcome::Applied),
        Err(error) => match reasons(error.as_service_error()).as_slice() {
            ["ConditionalCheckFailed", _] => Ok(Outcome::Duplicate),
            // Somebody else has moved the balance since it was read: the event comes again.
            _ => Err(error.into()),
        },
    }
}

/// Remembers that the event was rejected, unless it has been decided meanwhile.
async fn reject(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
) -> Result<Outcome, Error> {
    let sent = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S("rejected".to_owned()))
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Outcome::Rejected),
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_conditional_check_failed_exception() => {
                Ok(Outcome::Duplicate)
            }
            _ => Err(error.into()),
        },
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
