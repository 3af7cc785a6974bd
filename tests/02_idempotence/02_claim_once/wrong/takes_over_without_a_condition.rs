//! expect: CORRUPT after two-workers
//!
//! Only the first claim has a condition. Who finds one that has expired overwrites it, whatever it is by then.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;

/// Whatever went wrong: nothing is known of the claim, and the worker ends with it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long a claim lasts, in seconds. Who has not completed by then may be dead.
pub const CLAIM_SECONDS: i64 = 90;

/// What came of claiming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The event is this worker's now: do the work, then complete it.
    Mine,
    /// Another worker's claim has not expired yet. Come back later.
    Busy,
    /// The work was completed before.
    Done,
}

/// What came of completing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// The event is completed, by this worker.
    Yes,
    /// The claim is not this worker's any more: it had expired, and another one took over. Nothing has changed.
    Lost,
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
        .item(
            "expiresAtEpochSeconds",
            n(now_epoch_seconds + CLAIM_SECONDS),
        );
    let first = put
        .clone()
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match first {
        Ok(_) => return Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => {}
            _ => return Err(error.into()),
        },
    }
    let found = dynamodb
        .get_item()
        .table_name(claims)
        .key("eventId", s(event_id))
        .consistent_read(true)
        .send()
        .await?;
    if let Some(item) = found.item() {
        if item.get("status") == Some(&s("completed")) {
            return Ok(Claimed::Done);
        }
        let expires: i64 = match item.get("expiresAtEpochSeconds") {
            Some(AttributeValue::N(expires)) => expires.parse()?,
            _ => return Err("no expiry".into()),
        };
        if item.get("owner") != Some(&s(owner)) && expires > now_epoch_seconds {
            return Ok(Claimed::Busy);
        }
    }
    put.send().await?;
    Ok(Claimed::Mine)
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
