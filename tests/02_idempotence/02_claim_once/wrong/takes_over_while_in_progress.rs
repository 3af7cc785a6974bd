//! expect: CORRUPT after two-workers
//!
//! Takes over on the condition that the work is still in progress: so two take over the same claim, one from the other.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

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
    let put = if found.item().is_none() {
        put.condition_expression("attribute_not_exists(eventId) OR #owner = :me")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":me", s(owner))
    } else {
        put.condition_expression("#status = :in_progress")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":in_progress", s("in-progress"))
    };
    match put
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
    {
        Ok(_) => Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let status = refused.item().and_then(|item| item.get("status"));
                if status == Some(&s("completed")) {
                    Ok(Claimed::Done)
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
