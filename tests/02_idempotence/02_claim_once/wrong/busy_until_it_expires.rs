//! expect: CORRUPT after two-workers
//!
//! Asks for the time before the status: what another worker has completed is Busy until its claim would have expired.

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

type Item = HashMap<String, AttributeValue>;

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|v| v.as_s().ok())
        .map_or("", |s| s.as_str())
}

fn number(item: &Item, name: &str) -> i64 {
    item.get(name)
        .and_then(|v| v.as_n().ok())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

pub async fn claim(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
    now_epoch_seconds: i64,
) -> Result<Claimed, Error> {
    let put = dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", s(event_id))
        .item("owner", s(owner))
        .item("status", s("in-progress"))
        .item("expiresAtEpochSeconds", n(now_epoch_seconds + CLAIM_SECONDS))
        .condition_expression("attribute_not_exists(eventId) OR (#status = :in_progress AND (#owner = :me OR expiresAtEpochSeconds <= :now))")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":in_progress", s("in-progress"))
        .expression_attribute_values(":me", s(owner))
        .expression_attribute_values(":now", n(now_epoch_seconds))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    let Err(error) = put else {
        return Ok(Claimed::Mine);
    };
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refused)) => {
            let item = refused.item().cloned().unwrap_or_default();
            if text(&item, "owner") != owner
                && number(&item, "expiresAtEpochSeconds") > now_epoch_seconds
            {
                Ok(Claimed::Busy)
            } else if text(&item, "status") == "completed" {
                Ok(Claimed::Done)
            } else {
                Ok(Claimed::Busy)
            }
        }
        _ => Err(error.into()),
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
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":me", s(owner))
        .expression_attribute_values(":completed", s("completed"))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    let Err(error) = update else {
        return Ok(Completed::Yes);
    };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Completed::Lost),
        _ => Err(error.into()),
    }
}
