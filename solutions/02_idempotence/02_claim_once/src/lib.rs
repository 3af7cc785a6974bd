//! Claim an event: the reference.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
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
    /// Another worker's claim has not expired yet, or was made or completed while this call was under way. Come back later.
    Busy,
    /// The work is completed, by whomever: before this call, or while it was under way.
    Done,
}

/// What came of completing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// The event is completed, by this worker: now, or by an earlier call.
    Yes,
    /// The claim is not this worker's any more: it had expired, and another one took over. Nothing has changed.
    Lost,
}

// ANCHOR: claim
/// Claims `event_id` for `owner`.
///
/// # Errors
///
/// Whatever leaves it unknown whether the claim is made.
pub async fn claim(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
    now_epoch_seconds: i64,
) -> Result<Claimed, Error> {
    let expires = now_epoch_seconds + CLAIM_SECONDS;
    let put = dynamodb
        .put_item()
        .table_name(claims)
        .item("eventId", AttributeValue::S(event_id.to_owned()))
        .item("owner", AttributeValue::S(owner.to_owned()))
        .item("status", AttributeValue::S("in-progress".to_owned()))
        .item(
            "expiresAtEpochSeconds",
            AttributeValue::N(expires.to_string()),
        )
        // "Or it is mine" lets the SDK's repeat of this very write succeed.
        .condition_expression(
            "attribute_not_exists(eventId) \
             OR (#status = :in_progress AND (#owner = :me OR expiresAtEpochSeconds <= :now))",
        )
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":in_progress", AttributeValue::S("in-progress".to_owned()))
        .expression_attribute_values(":me", AttributeValue::S(owner.to_owned()))
        .expression_attribute_values(":now", AttributeValue::N(now_epoch_seconds.to_string()))
        // What is there comes with the refusal, as it was when the condition failed.
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match put {
        Ok(_) => Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let status = refused.item().and_then(|item| item.get("status"));
                match status.and_then(|status| status.as_s().ok()) {
                    Some(status) if status == "completed" => Ok(Claimed::Done),
                    _ => Ok(Claimed::Busy),
                }
            }
            _ => Err(error.into()),
        },
    }
}
// ANCHOR_END: claim

// ANCHOR: complete
/// Marks `event_id` as completed, if the claim is still the owner's. Its `expiresAtEpochSeconds` may stay or go.
///
/// # Errors
///
/// Whatever leaves it unknown whether it is completed.
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
// ANCHOR_END: complete
