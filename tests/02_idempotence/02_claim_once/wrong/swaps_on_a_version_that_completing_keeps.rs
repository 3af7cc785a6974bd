//! expect: CORRUPT after two-workers
//!
//! Swaps on a version that `claim` raises and `complete` does not: what was completed in between is overwritten.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::collections::HashMap;

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
        .await?
        .item;
    let mut seen = found;
    // At most two swaps: with the read that makes three calls.
    for _ in 0..2 {
        let version = match &seen {
            None => 0,
            Some(item) => match judge(item, owner, now_epoch_seconds) {
                Some(other) => return Ok(other),
                None => item
                    .get("version")
                    .and_then(|v| v.as_n().ok()?.parse::<i64>().ok())
                    .unwrap_or(0),
            },
        };
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
            .item("version", n(version + 1))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = if seen.is_none() {
            put.condition_expression("attribute_not_exists(eventId)")
        } else {
            put.condition_expression("version = :seen")
                .expression_attribute_values(":seen", n(version))
        };
        match put.send().await {
            Ok(_) => return Ok(Claimed::Mine),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    seen = refused.item.clone();
                    // One's own claim, of this very second: the first attempt went through, and its answer was lost.
                    if seen.as_ref().is_some_and(|item| {
                        item.get("owner") == Some(&s(owner))
                            && item.get("status") == Some(&s("in-progress"))
                            && item.get("expiresAtEpochSeconds")
                                == Some(&n(now_epoch_seconds + CLAIM_SECONDS))
                    }) {
                        return Ok(Claimed::Mine);
                    }
                }
                _ => return Err(error.into()),
            },
        }
    }
    Err("the claim changes faster than this worker can follow".into())
}

/// What an item says to this worker: `None` if it may be claimed.
fn judge(item: &HashMap<String, AttributeValue>, owner: &str, now: i64) -> Option<Claimed> {
    if item.get("status") == Some(&s("completed")) {
        return Some(Claimed::Done);
    }
    let expires = item
        .get("expiresAtEpochSeconds")
        .and_then(|at| at.as_n().ok()?.parse::<i64>().ok())
        .unwrap_or(i64::MIN);
    let mine = item.get("owner") == Some(&s(owner));
    if mine || expires <= now {
        None
    } else {
        Some(Claimed::Busy)
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
