//! expect: REGRESSED after lost-response
//!
//! Looks whether a later one is there, then writes. When the SDK repeats the write, or a worker stalls before it, a later one may be there.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What came of saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    Yes,
    Behind,
}

fn is_later(one: &str, other: &str) -> bool {
    (one.len(), one) > (other.len(), other)
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
    if let Some(old) = load(dynamodb, checkpoints, shard_id).await?
        && is_later(&old, sequence_number)
    {
        return Ok(Saved::Behind);
    }
    dynamodb
        .put_item()
        .table_name(checkpoints)
        .item("shardId", AttributeValue::S(shard_id.to_owned()))
        .item(
            "sequenceNumber",
            AttributeValue::S(sequence_number.to_owned()),
        )
        .send()
        .await?;
    Ok(Saved::Yes)
}
