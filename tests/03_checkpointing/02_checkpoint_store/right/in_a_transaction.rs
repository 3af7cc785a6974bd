//! One action in a TransactWriteItems, as it will be beside others; the reasons of a cancellation are read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What came of saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    Yes,
    Behind,
}

pub async fn load(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
) -> Result<Option<String>, Error> {
    let found = dynamodb
        .get_item()
        .table_name(checkpoints)
        .key("shardId", AttributeValue::S(shard_id.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let position = found
        .item
        .as_ref()
        .and_then(|item| item.get("sequenceNumber"));
    Ok(position.and_then(|position| position.as_s().ok()).cloned())
}

pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    let put = Update::builder()
        .table_name(checkpoints)
        .key("shardId", AttributeValue::S(shard_id.to_owned()))
        .update_expression("SET sequenceNumber = :new")
        .condition_expression(
            "attribute_not_exists(shardId) OR size(sequenceNumber) < :digits \
             OR (size(sequenceNumber) = :digits AND sequenceNumber <= :new)",
        )
        .expression_attribute_values(":new", AttributeValue::S(sequence_number.to_owned()))
        .expression_attribute_values(
            ":digits",
            AttributeValue::N(sequence_number.len().to_string()),
        )
        .build()?;
    let saved = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(put).build())
        .send()
        .await;
    let Err(error) = saved else {
        return Ok(Saved::Yes);
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
        && let [reason] = cancelled.cancellation_reasons()
        && reason.code() == Some("ConditionalCheckFailed")
    {
        return Ok(Saved::Behind);
    }
    Err(error.into())
}
