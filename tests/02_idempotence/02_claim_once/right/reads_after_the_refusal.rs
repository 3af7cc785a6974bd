//! An `UpdateItem`; after a refusal it reads what is there.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

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
    let updated = dynamodb
        .update_item()
        .table_name(claims)
        .key("eventId", AttributeValue::S(event_id.to_owned()))
        .update_expression(
            "SET #owner = :me, #status = :in_progress, expiresAtEpochSeconds = :expires",
        )
        .condition_expression(
            "attribute_not_exists(eventId) \
             OR (#status <> :completed AND (#owner = :me OR NOT expiresAtEpochSeconds > :now))",
        )
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":in_progress", AttributeValue::S("in-progress".to_owned()))
        .expression_attribute_values(":completed", AttributeValue::S("completed".to_owned()))
        .expression_attribute_values(":me", AttributeValue::S(owner.to_owned()))
        .expression_attribute_values(":now", AttributeValue::N(now_epoch_seconds.to_string()))
        .expression_attribute_values(
            ":expires",
            AttributeValue::N((now_epoch_seconds + CLAIM_SECONDS).to_string()),
        )
        .send()
        .await;
    match updated {
        Ok(_) => Ok(Claimed::Mine),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            let found = dynamodb
                .get_item()
                .table_name(claims)
                .key("eventId", AttributeValue::S(event_id.to_owned()))
                .consistent_read(true)
                .send()
                .await?;
            let status = found
                .item()
                .and_then(|item| item.get("status")?.as_s().ok());
            Ok(match status.map(String::as_str) {
                Some("completed") => Claimed::Done,
                _ => Claimed::Busy,
            })
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn complete(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
) -> Result<Completed, Error> {
    let updated = dynamodb
        .update_item()
        .table_name(claims)
        .key("eventId", AttributeValue::S(event_id.to_owned()))
        .update_expression("SET #status = :completed")
        .condition_expression("#owner = :me")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":completed", AttributeValue::S("completed".to_owned()))
        .expression_attribute_values(":me", AttributeValue::S(owner.to_owned()))
        .send()
        .await;
    match updated {
        Ok(_) => Ok(Completed::Yes),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(Completed::Lost)
        }
        Err(error) => Err(error.into()),
    }
}
