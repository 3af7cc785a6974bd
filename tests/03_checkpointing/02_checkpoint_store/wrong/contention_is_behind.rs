//! expect: LOST after no-fault
//!
//! Swaps what it has read, and takes a swap that fails for "behind". The other one may have saved less.

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
    let found = load(dynamodb, checkpoints, shard_id).await?;
    if let Some(found) = &found {
        if (found.len(), found.as_str()) > (sequence_number.len(), sequence_number) {
            return Ok(Saved::Behind);
        }
    }
    let put = dynamodb
        .put_item()
        .table_name(checkpoints)
        .item("shardId", S(shard_id.to_owned()))
        .item("sequenceNumber", S(sequence_number.to_owned()));
    let put = match found {
        None => put.condition_expression("attribute_not_exists(shardId) OR sequenceNumber = :new"),
        Some(found) => put
            .condition_expression("sequenceNumber = :found OR sequenceNumber = :new")
            .expression_attribute_values(":found", S(found)),
    };
    match put
        .expression_attribute_values(":new", S(sequence_number.to_owned()))
        .send()
        .await
    {
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
