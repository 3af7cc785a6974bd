//! expect: LOST after lost-response
//!
//! A claim that a crash cannot leave behind: a later worker may take it over, and the transaction that finishes fails if
//! somebody has. But when the claim's answer is lost, the SDK sends the claim again, which meets itself, and the
//! worker steps back from its own claim.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

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
    let now = AttributeValue::N(now_epoch_seconds.to_string());
    let claimed = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S("pending".to_owned()))
        .item("claimedAt", now.clone())
        .condition_expression(
            "attribute_not_exists(eventId) OR (outcome = :pending AND claimedAt < :now)",
        )
        .expression_attribute_values(":pending", AttributeValue::S("pending".to_owned()))
        .expression_attribute_values(":now", now.clone())
        .send()
        .await;
    if let Err(error) = claimed {
        return match error.as_service_error() {
            Some(refused) if refused.is_conditional_check_failed_exception() => {
                Ok(Outcome::Duplicate)
            }
            _ => Err(error.into()),
        };
    }
    let finish = |outcome: &str| {
        Update::builder()
            .table_name(&tables.processed_events)
            .key("eventId", AttributeValue::S(event.event_id.clone()))
            .update_expression("SET outcome = :outcome")
            .condition_expression("outcome = :pending AND claimedAt = :now")
            .expression_attribute_values(":outcome", AttributeValue::S(outcome.to_owned()))
            .expression_attribute_values(":pending", AttributeValue::S("pending".to_owned()))
            .expression_attribute_values(":now", now.clone())
            .build()
    };
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
        .transact_items(
            TransactWriteItem::builder()
                .update(finish("applied")?)
                .build(),
        )
        .transact_items(TransactWriteItem::builder().update(move_balance).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    match reasons(error.as_service_error()).as_slice() {
        ["None", "ConditionalCheckFailed"] => {
            dynamodb
                .transact_write_items()
                .transact_items(
                    TransactWriteItem::builder()
                        .update(finish("rejected")?)
                        .build(),
                )
                .send()
                .await?;
            Ok(Outcome::Rejected)
        }
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
