//! Demands a larger one, and has DynamoDB return the item that was in the way: its own value is a success.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

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
        .key("shardId", S(shard_id.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    match found.item() {
        None => Ok(None),
        Some(item) => match item.get("sequenceNumber") {
            Some(S(position)) => Ok(Some(position.clone())),
            other => Err(format!("no position: {other:?}").into()),
        },
    }
}

pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    let sent = dynamodb
        .update_item()
        .table_name(checkpoints)
        .key("shardId", S(shard_id.to_owned()))
        .update_expression("SET sequenceNumber = :new")
        .condition_expression("attribute_not_exists(shardId) OR size(sequenceNumber) < :digits OR (size(sequenceNumber) = :digits AND sequenceNumber < :new)")
        .expression_attribute_values(":digits", N(sequence_number.len().to_string()))
        .expression_attribute_values(":new", S(sequence_number.to_owned()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Saved::Yes),
        Err(error) => match error.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(failed) => {
                let item = failed.item().ok_or("no old item")?;
                if item.get("sequenceNumber") == Some(&S(sequence_number.to_owned())) {
                    Ok(Saved::Yes)
                } else {
                    Ok(Saved::Behind)
                }
            }
            error => Err(error.into()),
        },
    }
}
