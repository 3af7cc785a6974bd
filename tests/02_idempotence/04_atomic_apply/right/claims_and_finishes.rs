//! First a claim, which a later worker may take over, and which recognises itself when the SDK sends it again. Then a
//! transaction that moves the balance only while the claim is still there.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

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
            "attribute_not_exists(eventId) OR (outcome = :pending AND claimedAt <= :now)",
        )
        .expression_attribute_values(":pending", AttributeValue::S("pending".to_owned()))
        .expression_attribute_values(":now", now.clone())
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    if let Err(error) = claimed {
        let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error()
        else {
            return Err(error.into());
        };
        let pending = AttributeValue::S("pending".to_owned());
        return match refused.item().and_then(|item| item.get("outcome")) {
            // Somebody is at it who may still die: if this worker went on now, the event might be lost.
            Some(outcome) if *outcome == pending => {
                Err(format!("{} is claimed by another worker", event.event_id).into())
            }
            _ => Ok(Outcome::Duplicate),
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
