//! expect: DUPLICATE after zombie
//!
//! Both items in one BatchWriteItem: one call, so no crash comes between. But a batch knows no conditions:
//! a worker that stalls after its look applies what its replacement has applied already.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};

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
    let new_cents = match event.payment_type {
        PaymentType::Deposit => balance_cents + event.amount_cents,
        PaymentType::Withdrawal => balance_cents - event.amount_cents,
    };
    let rejected = new_cents < 0;
    let put = PutRequest::builder()
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item(
            "processedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .build()?;
    let remember = WriteRequest::builder().put_request(put).build();
    let mut batch = dynamodb
        .batch_write_item()
        .request_items(&tables.processed_events, vec![remember]);
    if !rejected {
        let put = PutRequest::builder()
            .item("accountId", AttributeValue::S(event.account_id.clone()))
            .item("balanceCents", AttributeValue::N(new_cents.to_string()))
            .build()?;
        let set = WriteRequest::builder().put_request(put).build();
        batch = batch.request_items(&tables.account_balances, vec![set]);
    }
    let written = batch.send().await?;
    if written
        .unprocessed_items()
        .is_some_and(|items| !items.is_empty())
    {
        return Err("some items were not written".into());
    }
    Ok(if rejected {
        Outcome::Rejected
    } else {
        Outcome::Applied
    })
}
