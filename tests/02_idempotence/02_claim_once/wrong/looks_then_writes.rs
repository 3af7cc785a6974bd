//! expect: CORRUPT after zombie
//!
//! Looks whether it may claim, then claims: two workers may look at the same time.

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
    let found = dynamodb
        .get_item()
        .table_name(claims)
        .key("eventId", AttributeValue::S(event_id.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    if let Some(item) = found.item() {
        let text = |name: &str| {
            item.get(name)
                .and_then(|value| value.as_s().ok())
                .map(String::as_str)
        };
        let expires: i64 = match item.get("expiresAtEpochSeconds") {
            Some(AttributeValue::N(number)) => number.parse()?,
            _ => 0,
        };
        if text("status") == Some("completed") {
            return Ok(Claimed::Done);
        }
        if text("owner") != Some(owner) && expires > now_epoch_seconds {
            return Ok(Claimed::Busy);
        }
    }
    dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", AttributeValue::S(event_id.to_owned()))
        .item("owner", AttributeValue::S(owner.to_owned()))
        .item("status", AttributeValue::S("in-progress".to_owned()))
        .item(
            "expiresAtEpochSeconds",
            AttributeValue::N((now_epoch_seconds + CLAIM_SECONDS).to_string()),
        )
        .send()
        .await?;
    Ok(Claimed::Mine)
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
