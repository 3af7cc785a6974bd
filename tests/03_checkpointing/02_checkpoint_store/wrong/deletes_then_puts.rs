//! expect: REGRESSED after crash-before
//!
//! Deletes the old position before it puts the new one: a crash in between leaves none.

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
    if let Some(found) = load(dynamodb, checkpoints, shard_id).await? {
        match (found.len(), found.as_str()).cmp(&(sequence_number.len(), sequence_number)) {
            std::cmp::Ordering::Greater => return Ok(Saved::Behind),
            std::cmp::Ordering::Equal => return Ok(Saved::Yes),
            std::cmp::Ordering::Less => {}
        }
        dynamodb
            .delete_item()
            .table_name(checkpoints)
            .key("shardId", S(shard_id.to_owned()))
            .condition_expression("sequenceNumber = :found")
            .expression_attribute_values(":found", S(found))
            .send()
            .await?;
    }
    dynamodb
        .put_item()
        .table_name(checkpoints)
        .item("shardId", S(shard_id.to_owned()))
        .item("sequenceNumber", S(sequence_number.to_owned()))
        .condition_expression("attribute_not_exists(shardId) OR sequenceNumber = :new")
        .expression_attribute_values(":new", S(sequence_number.to_owned()))
        .send()
        .await?;
    Ok(Saved::Yes)
}
