//! Looks, compares in Rust, and writes only if what it saw is still there; else it looks again.

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
    // One look and one write are enough unless somebody else is at work; then the worker starts again.
    let old = load(dynamodb, checkpoints, shard_id).await?;
    if let Some(old) = &old {
        if is_later(old, sequence_number) {
            return Ok(Saved::Behind);
        }
        if old == sequence_number {
            return Ok(Saved::Yes);
        }
    }
    let put = dynamodb
        .put_item()
        .table_name(checkpoints)
        .item("shardId", AttributeValue::S(shard_id.to_owned()))
        .item(
            "sequenceNumber",
            AttributeValue::S(sequence_number.to_owned()),
        );
    let put = match old {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(old) => put
            .condition_expression("sequenceNumber = :old")
            .expression_attribute_values(":old", AttributeValue::S(old)),
    };
    match put.send().await {
        Ok(_) => Ok(Saved::Yes),
        Err(error) => match load(dynamodb, checkpoints, shard_id).await? {
            Some(now) if now == sequence_number => Ok(Saved::Yes),
            Some(now) if is_later(&now, sequence_number) => Ok(Saved::Behind),
            _ => Err(error.into()),
        },
    }
}
