//! expect: STUCK after lost-response
//!
//! Looks whether time to live is on, and takes a refusal after that for an error: its own call, or another worker, has switched it on.

use aws_sdk_dynamodb::Client;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug)]
pub struct Tables {
    pub processed_events: String,
    pub effects: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    pub producer_hours: u32,
    pub retention_hours: u32,
    pub raised_retention_hours: u32,
    pub redrive_hours: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Duplicate,
}

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, TimeToLiveSpecification, TimeToLiveStatus, TransactWriteItem, Update,
};

pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    let retention_hours = repeats.retention_hours.max(repeats.raised_retention_hours);
    let hours = i64::from(repeats.producer_hours)
        + i64::from(retention_hours)
        + i64::from(repeats.redrive_hours);
    hours * 3600
}

pub async fn prepare(dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    if is_on(dynamodb, tables).await? {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expiresAtEpochSeconds")
        .build()?;
    dynamodb
        .update_time_to_live()
        .table_name(&tables.processed_events)
        .time_to_live_specification(specification)
        .send()
        .await?;
    Ok(())
}

async fn is_on(dynamodb: &Client, tables: &Tables) -> Result<bool, Error> {
    let described = dynamodb
        .describe_time_to_live()
        .table_name(&tables.processed_events)
        .send()
        .await?;
    let Some(described) = described.time_to_live_description() else {
        return Ok(false);
    };
    let is_on = matches!(
        described.time_to_live_status(),
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    );
    Ok(is_on && described.attribute_name() == Some("expiresAtEpochSeconds"))
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    let number = |number: i64| AttributeValue::N(number.to_string());
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event_id.to_owned()))
        .item(
            "expiresAtEpochSeconds",
            number(now_epoch_seconds + horizon_seconds),
        )
        .condition_expression("attribute_not_exists(eventId) OR expiresAtEpochSeconds <= :now")
        .expression_attribute_values(":now", number(now_epoch_seconds))
        .build()?;
    let update = Update::builder()
        .table_name(&tables.effects)
        .key("eventId", AttributeValue::S(event_id.to_owned()))
        .update_expression("ADD times :one")
        .expression_attribute_values(":one", number(1))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(TransactWriteItem::builder().update(update).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let first = cancelled.cancellation_reasons().first();
        if first.is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed")) {
            return Ok(Outcome::Duplicate);
        }
    }
    Err(error.into())
}
