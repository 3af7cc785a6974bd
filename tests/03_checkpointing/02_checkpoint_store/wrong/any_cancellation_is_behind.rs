//! expect: LOST after conflict
//!
//! Any cancelled transaction means that somebody else is further. A conflict, too.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::{Get, TransactGetItem, TransactWriteItem, Update};

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
    let update = Update::builder()
        .table_name(checkpoints)
        .key("shardId", S(shard_id.to_owned()))
        .update_expression("SET sequenceNumber = :new")
        .condition_expression("attribute_not_exists(shardId) OR size(sequenceNumber) < :digits OR (size(sequenceNumber) = :digits AND sequenceNumber <= :new)")
        .expression_attribute_values(":digits", N(sequence_number.len().to_string()))
        .expression_attribute_values(":new", S(sequence_number.to_owned()))
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(update).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Saved::Yes),
        Err(error) => error,
    };
    if error
        .as_service_error()
        .is_some_and(|error| error.is_transaction_canceled_exception())
    {
        return Ok(Saved::Behind);
    }
    Err(error.into())
}
