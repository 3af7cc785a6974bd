//! Looks first, and writes only if what it saw is still there. If not, it ends with an error and comes back.

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
    let put = dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", AttributeValue::S(event_id.to_owned()))
        .item("owner", AttributeValue::S(owner.to_owned()))
        .item("status", AttributeValue::S("in-progress".to_owned()))
        .item(
            "expiresAtEpochSeconds",
            AttributeValue::N((now_epoch_seconds + CLAIM_SECONDS).to_string()),
        );
    let put = match found.item {
        None => put.condition_expression("attribute_not_exists(eventId)"),
        Some(item) => {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            let expires: i64 = match item.get("expiresAtEpochSeconds") {
                Some(AttributeValue::N(number)) => number.parse()?,
                _ => return Err(format!("the claim of {event_id} never expires").into()),
            };
            let holder = text("owner").unwrap_or_default();
            match text("status").as_deref() {
                Some("completed") => return Ok(Claimed::Done),
                _ if holder == owner => return Ok(Claimed::Mine),
                _ if expires > now_epoch_seconds => return Ok(Claimed::Busy),
                _ => put
                    .condition_expression("#owner = :holder AND #status = :in_progress")
                    .expression_attribute_names("#owner", "owner")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":holder", AttributeValue::S(holder))
                    .expression_attribute_values(
                        ":in_progress",
                        AttributeValue::S("in-progress".to_owned()),
                    ),
            }
        }
    };
    put.send().await?;
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
