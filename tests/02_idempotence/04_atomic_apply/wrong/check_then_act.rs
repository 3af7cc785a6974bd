//! expect: DUPLICATE after crash-before
//!
//! Asks whether the event is known, reads the balance, writes the balance, remembers the event: four calls.
//! This is how nearly everybody begins. Each call is right, and a worker can die in each gap between them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

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
    let known = dynamodb
        .get_item()
        .table_name(&tables.processed_events)
        .key("eventId", AttributeValue::S(event.event_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    if known.item.is_some() {
        return Ok(Outcome::Duplicate);
    }
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
    let balance_cents = match event.payment_type {
        PaymentType::Deposit => balance_cents + event.amount_cents,
        PaymentType::Withdrawal => balance_cents - event.amount_cents,
    };
    if balance_cents >= 0 {
        dynamodb
            .put_item()
            .table_name(&tables.account_balances)
            .item("accountId", AttributeValue::S(event.account_id.clone()))
            .item("balanceCents", AttributeValue::N(balance_cents.to_string()))
            .send()
            .await?;
    }
    dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item(
            "processedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .send()
        .await?;
    Ok(if balance_cents >= 0 {
        Outcome::Applied
    } else {
        Outcome::Rejected
    })
}
