//! expect: LOST after no-fault
//!
//! The condition compares with what is there, and forgets that at first nothing is.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};

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
        .condition_expression("size(sequenceNumber) < :digits OR (size(sequenceNumber) = :digits AND sequenceNumber <= :new)")
        .expression_attribute_values(":digits", N(sequence_number.len().to_string()))
        .expression_attribute_values(":new", S(sequence_number.to_owned()))
        .send()
        .await;
    match sent {
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
