//! Waits until time to live is on, which takes up to an hour.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, TimeToLiveSpecification, TimeToLiveStatus, TransactWriteItem, Update,
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
    loop {
        let described = dynamodb
            .describe_time_to_live()
            .table_name(&tables.processed_events)
            .send()
            .await?;
        let ttl = described.time_to_live_description();
        match ttl.and_then(|ttl| ttl.time_to_live_status()) {
            Some(TimeToLiveStatus::Enabled) => {
                return match ttl.and_then(|ttl| ttl.attribute_name()) {
                    Some(EXPIRY) => Ok(()),
                    other => Err(format!("time to live is on by {other:?}").into()),
                };
            }
            Some(TimeToLiveStatus::Enabling) => {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await
            }
            _ => {
                let specification = TimeToLiveSpecification::builder()
                    .attribute_name(EXPIRY)
                    .enabled(true)
                    .build()?;
                let update = dynamodb
                    .update_time_to_live()
                    .table_name(&tables.processed_events);
                // Somebody else may be faster: the next look tells.
                let _ = update
                    .time_to_live_specification(specification)
                    .send()
                    .await;
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    }
}

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
