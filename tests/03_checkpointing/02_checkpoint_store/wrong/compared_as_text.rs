//! expect: LOST after no-fault
//!
//! Compares as texts, and "10" comes before "9".

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

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
    let saved = dynamodb
        .update_item()
        .table_name(checkpoints)
        .key("shardId", AttributeValue::S(shard_id.to_owned()))
        .update_expression("SET sequenceNumber = :new")
        .condition_expression("attribute_not_exists(shardId) OR sequenceNumber <= :new")
        .expression_attribute_values(":new", AttributeValue::S(sequence_number.to_owned()))
        .send()
        .await;
    match saved {
        Ok(_) => Ok(Saved::Yes),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(Saved::Behind)
        }
        Err(error) => Err(error.into()),
    }
}
