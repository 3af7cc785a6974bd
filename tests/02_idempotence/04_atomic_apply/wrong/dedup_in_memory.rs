//! expect: LOST
//!
//! Moves the balance with an increment, and remembers the ids in a set in memory. A new worker begins with an empty
//! one. Here all workers are in one process, so the set even outlives the run: the next run does nothing at all.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

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
    if SEEN.lock().unwrap().contains(&event.event_id) {
        return Ok(Outcome::Duplicate);
    }
    let update = dynamodb
        .update_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .expression_attribute_values(":amount", AttributeValue::N(event.amount_cents.to_string()));
    let update = match event.payment_type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount"),
    };
    let outcome = match update.send().await {
        Ok(_) => Outcome::Applied,
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_conditional_check_failed_exception() => Outcome::Rejected,
            _ => return Err(error.into()),
        },
    };
    SEEN.lock().unwrap().insert(event.event_id.clone());
    Ok(outcome)
}
