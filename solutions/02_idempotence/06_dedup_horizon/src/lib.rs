//! Remember long enough: the reference.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, TimeToLiveSpecification, TimeToLiveStatus, TransactWriteItem, Update,
};

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `processed-events`.
    pub processed_events: String,
    /// The table `effects`.
    pub effects: String,
}

/// For how long an event may come again, in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// A producer that heard nothing may send an event again for so long after the first time.
    pub producer_hours: u32,
    /// A record stays in the stream for so long today.
    pub retention_hours: u32,
    /// In an outage the retention may be raised to this. That holds for the records that are in the stream already. It may
    /// be less than `retention_hours`: then an outage changes nothing.
    pub raised_retention_hours: u32,
    /// What was set aside may be processed once more for so long after its record has left the stream.
    pub redrive_hours: u32,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The effect has happened.
    Applied,
    /// The event is remembered from an earlier delivery. Nothing has changed.
    Duplicate,
}

/// The attribute by which DynamoDB deletes what has expired: epoch seconds, as a number.
const EXPIRY: &str = "expiresAtEpochSeconds";

// ANCHOR: horizon
/// For how many seconds an event is remembered after its first delivery: as long as a repeat may come, and at most a day
/// longer.
pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    let retention_hours = repeats.retention_hours.max(repeats.raised_retention_hours);
    // The last copy may be sent late, stay in the stream to its end, and be set aside there.
    let hours = [
        repeats.producer_hours,
        retention_hours,
        repeats.redrive_hours,
    ];
    // An hour more: a repeat may still come in the last second, and from that second on the id would be forgotten.
    hours.into_iter().map(i64::from).sum::<i64>() * 3600 + 3600
}
// ANCHOR_END: horizon

// ANCHOR: prepare
/// Lets DynamoDB delete what has expired.
///
/// # Errors
///
/// Time to live is on by another attribute, or is being switched off. And whatever leaves it unknown whether it is on.
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

/// Whether time to live is on, or about to be, by the right attribute.
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
// ANCHOR_END: prepare

// ANCHOR: apply
/// Applies `event_id` once within the horizon.
///
/// # Errors
///
/// Whatever leaves it unknown whether the event was applied.
pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    let id = AttributeValue::S(event_id.to_owned());
    let expires = now_epoch_seconds + horizon_seconds;
    let remember = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", id.clone())
        .item(EXPIRY, AttributeValue::N(expires.to_string()))
        // What has expired may still be there: DynamoDB deletes it when it likes.
        .condition_expression("attribute_not_exists(eventId) OR expiresAtEpochSeconds <= :now")
        .expression_attribute_values(":now", AttributeValue::N(now_epoch_seconds.to_string()))
        .build()?;
    let effect = Update::builder()
        .table_name(&tables.effects)
        .key("eventId", id)
        .update_expression("ADD times :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
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
// ANCHOR_END: apply
