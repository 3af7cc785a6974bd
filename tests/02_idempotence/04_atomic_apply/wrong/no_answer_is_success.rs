//! expect: LOST after no-answer
//!
//! Takes no answer for success.

use aws_sdk_dynamodb::Client;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}
#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
}
pub type Error = Box<dyn std::error::Error + Send + Sync>;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn reject(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now: i64,
) -> Result<Outcome, Error> {
    let put = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", s(&event.event_id))
        .item("outcome", s("rejected"))
        .item("decidedAt", n(now))
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match put {
        Ok(_) => Ok(Outcome::Rejected),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
        {
            Ok(Outcome::Duplicate)
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", s(&event.event_id))
        .item("outcome", s("applied"))
        .item("decidedAt", n(now_epoch_seconds))
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", s(&event.account_id))
        .expression_attribute_values(":amount", n(event.amount_cents));
    let update = match event.payment_type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount"),
    };
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
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
        let codes: Vec<Option<&str>> = cancelled
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
    if error.as_service_error().is_none() {
        return Ok(Outcome::Applied);
    }
    Err(error.into())
}
