//! expect: CORRUPT after two-workers+throttled
//!
//! Repeats its claim in a loop of its own, and takes whatever refuses the repeat for its first attempt.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

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
    let mut is_repeat = false;
    for _ in 0..3 {
        let put = dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", s(event_id))
        .item("owner", s(owner))
        .item("status", s("in-progress"))
        .item("expiresAtEpochSeconds", n(now_epoch_seconds + CLAIM_SECONDS))
        .condition_expression(
            "attribute_not_exists(eventId) OR (#status = :in_progress AND expiresAtEpochSeconds <= :now)",
        )
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":in_progress", s("in-progress"))
        .expression_attribute_values(":now", n(now_epoch_seconds))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .customize()
        .config_override(Config::builder().retry_config(RetryConfig::disabled()))
        .send()
        .await;
        let Err(error) = put else {
            return Ok(Claimed::Mine);
        };
        if let Some(PutItemError::ConditionalCheckFailedException(refused)) =
            error.as_service_error()
        {
            let item = refused.item().ok_or("no item came along")?;
            return Ok(if item.get("status") == Some(&s("completed")) {
                Claimed::Done
            } else if is_repeat || item.get("owner") == Some(&s(owner)) {
                Claimed::Mine
            } else {
                Claimed::Busy
            });
        }
        is_repeat = true;
    }
    Err("three attempts were in vain".into())
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
