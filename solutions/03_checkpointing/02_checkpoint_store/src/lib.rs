//! Save and load a position: the reference.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

/// Whatever went wrong: nothing is known of the position, and the worker ends with it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What came of saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The table holds this position: this call has written it, or it was there. No later one had been saved when the
    /// call's last request was answered.
    Yes,
    /// The table holds a later position, and keeps it: somebody else has come further.
    Behind,
}

// ANCHOR: load
/// Loads the position of `shard_id`: the last one that was saved; `None` if there is none.
///
/// # Errors
///
/// Whatever leaves the position unknown.
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
    let Some(item) = found.item else {
        return Ok(None);
    };
    match item.get("sequenceNumber") {
        Some(AttributeValue::S(sequence_number)) => Ok(Some(sequence_number.clone())),
        // To begin at the start of the shard for want of a position would be a guess.
        _ => Err(format!("the checkpoint of {shard_id} has no sequenceNumber").into()),
    }
}
// ANCHOR_END: load

// ANCHOR: save
/// Saves `sequence_number` as the position of `shard_id`, unless a later one is there.
///
/// # Errors
///
/// Whatever leaves it unknown whether the position is saved.
pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    // Numbers without zeros in front: the longer one is larger, and of two as long the later one in the alphabet.
    // "Or the same" makes a repeat succeed: the SDK's own, after an answer that was lost.
    let saved = dynamodb
        .update_item()
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
// ANCHOR_END: save
