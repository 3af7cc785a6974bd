//! PartiQL: an insert, and where there is a claim already, an update with a condition.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::execute_statement::ExecuteStatementError;
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
    let insert = dynamodb
        .execute_statement()
        .statement(format!(
            "INSERT INTO \"{claims}\" VALUE {{'eventId': ?, 'owner': ?, 'status': 'in-progress', 'expiresAtEpochSeconds': ?}}"
        ))
        .parameters(s(event_id))
        .parameters(s(owner))
        .parameters(n(now_epoch_seconds + CLAIM_SECONDS))
        .send()
        .await;
    match insert {
        Ok(_) => return Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(ExecuteStatementError::DuplicateItemException(_)) => {}
            _ => return Err(error.into()),
        },
    }
    let update = dynamodb
        .execute_statement()
        .statement(format!(
            "UPDATE \"{claims}\" SET \"owner\" = ? SET \"expiresAtEpochSeconds\" = ? WHERE eventId = ? \
             AND \"status\" = 'in-progress' AND (\"owner\" = ? OR \"expiresAtEpochSeconds\" <= ?)"
        ))
        .parameters(s(owner))
        .parameters(n(now_epoch_seconds + CLAIM_SECONDS))
        .parameters(s(event_id))
        .parameters(s(owner))
        .parameters(n(now_epoch_seconds))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match update {
        Ok(_) => Ok(Claimed::Mine),
        Err(error) => match error.as_service_error() {
            Some(ExecuteStatementError::ConditionalCheckFailedException(refused)) => {
                match refused.item().and_then(|item| item.get("status")) {
                    Some(status) if *status == s("completed") => Ok(Claimed::Done),
                    Some(_) => Ok(Claimed::Busy),
                    None => why(dynamodb, claims, event_id).await,
                }
            }
            _ => Err(error.into()),
        },
    }
}

async fn why(dynamodb: &Client, claims: &str, event_id: &str) -> Result<Claimed, Error> {
    let found = dynamodb
        .get_item()
        .table_name(claims)
        .key("eventId", s(event_id))
        .consistent_read(true)
        .send()
        .await?;
    let item = found.item.ok_or("the claim has vanished")?;
    Ok(if item.get("status") == Some(&s("completed")) {
        Claimed::Done
    } else {
        Claimed::Busy
    })
}

pub async fn complete(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
) -> Result<Completed, Error> {
    let update = dynamodb
        .execute_statement()
        .statement(format!(
            "UPDATE \"{claims}\" SET \"status\" = 'completed' WHERE eventId = ? AND \"owner\" = ?"
        ))
        .parameters(s(event_id))
        .parameters(s(owner))
        .send()
        .await;
    match update {
        Ok(_) => Ok(Completed::Yes),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(ExecuteStatementError::is_conditional_check_failed_exception) =>
        {
            Ok(Completed::Lost)
        }
        Err(error) => Err(error.into()),
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
