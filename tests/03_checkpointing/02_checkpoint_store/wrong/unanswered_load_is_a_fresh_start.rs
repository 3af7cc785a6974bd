//! expect: CORRUPT after no-answer
//!
//! A throttled load is an error; one without an answer, or with a server error, means "no checkpoint yet".

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
        .await;
    match got {
        Ok(got) => Ok(got
            .item()
            .and_then(|i| i.get("sequenceNumber"))
            .and_then(|v| v.as_s().ok())
            .cloned()),
        Err(e)
            if e.as_service_error()
                .is_some_and(|e| e.is_internal_server_error()) =>
        {
            Ok(None)
        }
        Err(e) if e.as_service_error().is_none() => Ok(None),
        Err(e) => Err(e.into()),
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
        Err(e) => Err(e.into()),
    }
}
