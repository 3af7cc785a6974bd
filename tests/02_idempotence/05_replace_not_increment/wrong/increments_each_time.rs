//! expect: DUPLICATE after crash-before
//!
//! Records the event, and adds its amount to the balance: each time it comes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub delta_cents: i64,
}

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_events: String,
    pub account_balances: String,
}

pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    record(dynamodb, tables, event).await?;
    dynamodb
        .update_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .update_expression("ADD balanceCents :delta, version :one")
        .expression_attribute_values(":delta", AttributeValue::N(event.delta_cents.to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .send()
        .await?;
    Ok(())
}

/// Records the event under its id: doing it again changes nothing.
async fn record(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    dynamodb
        .put_item()
        .table_name(&tables.account_events)
        .item("accountId", AttributeValue::S(event.account_id.clone()))
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item(
            "deltaCents",
            AttributeValue::N(event.delta_cents.to_string()),
        )
        .send()
        .await?;
    Ok(())
}
