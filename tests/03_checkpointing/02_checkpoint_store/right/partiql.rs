//! Compare and set in PartiQL: an INSERT for the first position, an UPDATE for each other.

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
        .execute_statement()
        .statement(format!(
            r#"SELECT sequenceNumber FROM "{checkpoints}" WHERE shardId = ?"#
        ))
        .parameters(AttributeValue::S(shard_id.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let item = found.items().first();
    let position = item.and_then(|item| item.get("sequenceNumber"));
    Ok(position.and_then(|position| position.as_s().ok()).cloned())
}

pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    let new = AttributeValue::S(sequence_number.to_owned());
    let shard = AttributeValue::S(shard_id.to_owned());
    let Some(old) = load(dynamodb, checkpoints, shard_id).await? else {
        dynamodb
            .execute_statement()
            .statement(format!(
                r#"INSERT INTO "{checkpoints}" VALUE {{'shardId': ?, 'sequenceNumber': ?}}"#
            ))
            .parameters(shard)
            .parameters(new)
            .send()
            .await?;
        return Ok(Saved::Yes);
    };
    match (old.len(), old.as_str()).cmp(&(sequence_number.len(), sequence_number)) {
        std::cmp::Ordering::Greater => return Ok(Saved::Behind),
        std::cmp::Ordering::Equal => return Ok(Saved::Yes),
        std::cmp::Ordering::Less => {}
    }
    // If it has moved meanwhile, this fails, and the next life looks again.
    dynamodb
        .execute_statement()
        .statement(format!(
            r#"UPDATE "{checkpoints}" SET sequenceNumber = ? WHERE shardId = ? AND sequenceNumber = ?"#
        ))
        .parameters(new)
        .parameters(shard)
        .parameters(AttributeValue::S(old))
        .send()
        .await?;
    Ok(Saved::Yes)
}
