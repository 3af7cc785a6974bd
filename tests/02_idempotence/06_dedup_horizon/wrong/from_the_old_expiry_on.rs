//! expect: CORRUPT after no-fault
//!
//! Remembers an event anew from when it expired, and not from when it came: long after that it is forgotten too early.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, TimeToLiveSpecification, TimeToLiveStatus, TransactWriteItem, Update,
};

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

const EXPIRY: &str = "expiresAtEpochSeconds";

pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    let retention_hours = repeats.retention_hours.max(repeats.raised_retention_hours);
    // The last copy may be sent late, stay in the stream to its end, and be set aside there.
    let hours = [
        repeats.producer_hours,
        retention_hours,
        repeats.redrive_hours,
    ];
    hours.into_iter().map(i64::from).sum::<i64>() * 3600 + 3600
}

pub async fn prepare(dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(EXPIRY)
        .enabled(true)
        .build()?;
    let updated = dynamodb
        .update_time_to_live()
        .table_name(&tables.processed_events)
        .time_to_live_specification(specification)
        .send()
        .await;
    match updated {
        Ok(_) => Ok(()),
        // It is on already, perhaps since this very call's first attempt. Or it is on for something else.
        Err(error) if error.code() == Some("ValidationException") => {
            match is_prepared(dynamodb, tables).await? {
                true => Ok(()),
                false => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

async fn is_prepared(dynamodb: &Client, tables: &Tables) -> Result<bool, Error> {
    let described = dynamodb
        .describe_time_to_live()
        .table_name(&tables.processed_events)
        .send()
        .await?;
    Ok(described.time_to_live_description().is_some_and(|ttl| {
        let status = ttl.time_to_live_status();
        ttl.attribute_name() == Some(EXPIRY)
            && matches!(
                status,
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
    }))
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    let id = AttributeValue::S(event_id.to_owned());
    let remember = Update::builder()
        .table_name(&tables.processed_events)
        .key("eventId", id.clone())
        .update_expression(
            "SET expiresAtEpochSeconds = if_not_exists(expiresAtEpochSeconds, :now) + :horizon",
        )
        .condition_expression("attribute_not_exists(eventId) OR expiresAtEpochSeconds <= :now")
        .expression_attribute_values(":now", AttributeValue::N(now_epoch_seconds.to_string()))
        .expression_attribute_values(":horizon", AttributeValue::N(horizon_seconds.to_string()))
        .build()?;
    let effect = Update::builder()
        .table_name(&tables.effects)
        .key("eventId", id)
        .update_expression("ADD times :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(remember).build())
        .transact_items(TransactWriteItem::builder().update(effect).build())
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(Outcome::Applied);
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
        && let [id, _] = cancelled.cancellation_reasons()
        && id.code() == Some("ConditionalCheckFailed")
    {
        return Ok(Outcome::Duplicate);
    }
    Err(error.into())
}
