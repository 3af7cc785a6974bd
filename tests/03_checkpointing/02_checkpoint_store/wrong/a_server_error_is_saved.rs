//! expect: CORRUPT after server-error
//!
//! An error of the server may have come after the write, so it says yes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    Yes,
    Behind,
}

fn s(t: impl Into<String>) -> AttributeValue {
    AttributeValue::S(t.into())
}

pub async fn load(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
) -> Result<Option<String>, Error> {
    let got = dynamodb
        .get_item()
        .table_name(checkpoints)
        .key("shardId", s(shard_id))
        .consistent_read(true)
        .send()
        .await?;
    match got.item {
        None => Ok(None),
        Some(item) => Ok(Some(
            item["sequenceNumber"]
                .as_s()
                .map_err(|_| "no text")?
                .clone(),
        )),
    }
}

pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    let padded = format!("{sequence_number:0>129}");
    let put = dynamodb
        .put_item()
        .table_name(checkpoints)
        .item("shardId", s(shard_id))
        .item("sequenceNumber", s(sequence_number))
        .item("padded", s(&padded))
        .condition_expression("attribute_not_exists(shardId) OR padded <= :p")
        .expression_attribute_values(":p", s(padded))
        .send()
        .await;
    match put {
        Ok(_) => Ok(Saved::Yes),
        Err(e)
            if e.as_service_error()
                .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
        {
            Ok(Saved::Behind)
        }
        Err(e)
            if e.as_service_error()
                .is_some_and(|e| e.is_internal_server_error()) =>
        {
            Ok(Saved::Yes)
        }
        Err(e) => Err(e.into()),
    }
}
