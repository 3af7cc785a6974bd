//! Another layout: the ids of the decided events are in the account's own item, and one conditional UpdateItem does
//! everything, for one write unit. The check looks at balances and outcomes, and does not ask where an id is.
//! An item holds at most 400 KB, so in a service the ids would have to go again some day.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::collections::HashMap;

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
    _now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let id = AttributeValue::S(event.event_id.clone());
    let ids = AttributeValue::Ss(vec![event.event_id.clone()]);
    let delta_cents = match event.payment_type {
        PaymentType::Deposit => event.amount_cents,
        PaymentType::Withdrawal => -event.amount_cents,
    };
    let update = || {
        dynamodb
            .update_item()
            .table_name(&tables.account_balances)
            .key("accountId", AttributeValue::S(event.account_id.clone()))
            .expression_attribute_values(":id", id.clone())
            .expression_attribute_values(":ids", ids.clone())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    let applied = update()
        .update_expression("ADD balanceCents :delta, decidedEvents :ids")
        .expression_attribute_values(":delta", AttributeValue::N(delta_cents.to_string()));
    let applied = match event.payment_type {
        PaymentType::Deposit => applied.condition_expression("NOT contains(decidedEvents, :id)"),
        PaymentType::Withdrawal => applied
            .condition_expression("NOT contains(decidedEvents, :id) AND balanceCents >= :amount")
            .expression_attribute_values(
                ":amount",
                AttributeValue::N(event.amount_cents.to_string()),
            ),
    };
    match applied.send().await {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                if is_decided(refused.item(), &event.event_id) {
                    return Ok(Outcome::Duplicate);
                }
            }
            _ => return Err(error.into()),
        },
    }
    let rejected = update()
        .update_expression("ADD decidedEvents :ids")
        .condition_expression("NOT contains(decidedEvents, :id)");
    match rejected.send().await {
        Ok(_) => Ok(Outcome::Rejected),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Outcome::Duplicate),
            _ => Err(error.into()),
        },
    }
}

fn is_decided(item: Option<&HashMap<String, AttributeValue>>, id: &String) -> bool {
    match item.and_then(|item| item.get("decidedEvents")) {
        Some(AttributeValue::Ss(ids)) => ids.contains(id),
        _ => false,
    }
}
