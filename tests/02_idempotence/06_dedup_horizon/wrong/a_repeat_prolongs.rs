//! expect: LOST after no-fault
//!
//! Each repeat prolongs the memory: an event that comes often enough is never forgotten.

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

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, TimeToLiveSpecification, TimeToLiveStatus, TransactWriteItem, Update,
};

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    let stream = repeats.retention_hours.max(repeats.raised_retention_hours);
    (i64::from(repeats.producer_hours) + i64::from(stream) + i64::from(repeats.redrive_hours))
        * 3600
}

pub async fn prepare(dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expiresAtEpochSeconds")
        .build()?;
    let Err(error) = dynamodb
        .update_time_to_live()
        .table_name(&tables.processed_events)
        .time_to_live_specification(specification)
        .send()
        .await
    else {
        return Ok(());
    };
    if error.code() != Some("ValidationException") {
        return Err(error.into());
    }
    let described = dynamodb
        .describe_time_to_live()
        .table_name(&tables.processed_events)
        .send()
        .await?;
    let on = described.time_to_live_description().is_some_and(|d| {
        d.attribute_name() == Some("expiresAtEpochSeconds")
            && matches!(
                d.time_to_live_status(),
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
    });
    if on { Ok(()) } else { Err(error.into()) }
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", s(event_id))
        .item(
            "expiresAtEpochSeconds",
            n(now_epoch_seconds + horizon_seconds),
        )
        .condition_expression("attribute_not_exists(eventId) OR expiresAtEpochSeconds <= :now")
        .expression_attribute_values(":now", n(now_epoch_seconds))
        .build()?;
    let effect = Update::builder()
        .table_name(&tables.effects)
        .key("eventId", s(event_id))
        .update_expression("ADD times :one")
        .expression_attribute_values(":one", n(1))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(TransactWriteItem::builder().update(effect).build())
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(Outcome::Applied);
    };
    let first = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(c)) => {
            c.cancellation_reasons().first().and_then(|r| r.code())
        }
        _ => None,
    };
    match first {
        Some("ConditionalCheckFailed") => {
            dynamodb
                .update_item()
                .table_name(&tables.processed_events)
                .key("eventId", s(event_id))
                .update_expression("SET expiresAtEpochSeconds = :expires")
                .expression_attribute_values(":expires", n(now_epoch_seconds + horizon_seconds))
                .send()
                .await?;
            Ok(Outcome::Duplicate)
        }
        _ => Err(error.into()),
    }
}
