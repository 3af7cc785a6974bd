//! expect: CORRUPT after stale-read
//!
//! Looks first, without consistency. Nobody else can take over before its claim expires, but it may have completed the
//! work itself.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::collections::HashMap;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub const CLAIM_SECONDS: i64 = 90;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    Mine,
    Busy,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    Yes,
    Lost,
}

pub async fn claim(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
    now_epoch_seconds: i64,
) -> Result<Claimed, Error> {
    let found = dynamodb
        .get_item()
        .table_name(claims)
        .key("eventId", s(event_id))
        .send()
        .await?;
    if let Some(item) = found.item() {
        if item.get("status") == Some(&s("completed")) {
            return Ok(Claimed::Done);
        }
        if item.get("owner") == Some(&s(owner)) && expires(item)? > now_epoch_seconds {
            return Ok(Claimed::Mine);
        }
    }
    let put = dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", s(event_id))
        .item("owner", s(owner))
        .item("status", s("in-progress"))
        .item(
            "expiresAtEpochSeconds",
            n(now_epoch_seconds + CLAIM_SECONDS),
        )
        .condition_expression(
            "attribute_not_exists(eventId) \
             OR (#status = :in_progress AND (#owner = :me OR expiresAtEpochSeconds <= :now))",
        )
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":in_progress", s("in-progress"))
        .expression_attribute_values(":me", s(owner))
        .expression_attribute_values(":now", n(now_epoch_seconds))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match put {
        Ok(_) => Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let item = refused.item().ok_or("no item came along")?;
                if item.get("status") == Some(&s("completed")) {
                    Ok(Claimed::Done)
                } else if item.get("owner") == Some(&s(owner)) {
                    Ok(Claimed::Mine)
                } else {
                    Ok(Claimed::Busy)
                }
            }
            _ => Err(error.into()),
        },
    }
}

pub async fn complete(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
) -> Result<Completed, Error> {
    let update = dynamodb
        .update_item()
        .table_name(claims)
        .key("eventId", s(event_id))
        .update_expression("SET #status = :completed")
        .condition_expression("#owner = :me")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":completed", s("completed"))
        .expression_attribute_values(":me", s(owner))
        .send()
        .await;
    match update {
        Ok(_) => Ok(Completed::Yes),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Completed::Lost),
            _ => Err(error.into()),
        },
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn expires(item: &HashMap<String, AttributeValue>) -> Result<i64, Error> {
    match item.get("expiresAtEpochSeconds") {
        Some(AttributeValue::N(expires)) => Ok(expires.parse()?),
        _ => Err("no expiry".into()),
    }
}
