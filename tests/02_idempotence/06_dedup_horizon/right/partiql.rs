//! The same in PartiQL.

use aws_sdk_dynamodb::Client;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug)]
pub struct Tables {
    pub processed_events: String,
    pub effects: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    pub producer_hours: u32,
    pub retention_hours: u32,
    pub raised_retention_hours: u32,
    pub redrive_hours: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Duplicate,
}

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ParameterizedStatement, TimeToLiveSpecification, TimeToLiveStatus,
};

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    let stream = repeats.retention_hours.max(repeats.raised_retention_hours);
    (i64::from(repeats.producer_hours) + i64::from(stream) + i64::from(repeats.redrive_hours))
        * 3600
}

pub async fn prepare(dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expiresAtEpochSeconds")
        .build()?;
    let Err(error) = dynamodb
        .update_time_to_live()
        .table_name(&tables.processed_events)
        .time_to_live_specification(specification)
        .send()
        .await
    else {
        return Ok(());
    };
    if error.code() != Some("ValidationException") {
        return Err(error.into());
    }
    let described = dynamodb
        .describe_time_to_live()
        .table_name(&tables.processed_events)
        .send()
        .await?;
    let on = described.time_to_live_description().is_some_and(|d| {
        d.attribute_name() == Some("expiresAtEpochSeconds")
            && matches!(
                d.time_to_live_status(),
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
    });
    if on { Ok(()) } else { Err(error.into()) }
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    let read = |table: &String| {
        dynamodb
            .execute_statement()
            .consistent_read(true)
            .statement(format!("SELECT * FROM \"{table}\" WHERE eventId = ?"))
            .parameters(s(event_id))
            .send()
    };
    let id = read(&tables.processed_events).await?;
    if let Some(AttributeValue::N(text)) = id
        .items()
        .first()
        .and_then(|i| i.get("expiresAtEpochSeconds"))
    {
        if text.parse::<i64>()? > now_epoch_seconds {
            return Ok(Outcome::Duplicate);
        }
    }
    let effect = read(&tables.effects).await?;
    let expires = n(now_epoch_seconds + horizon_seconds);
    let first = if id.items().is_empty() {
        ParameterizedStatement::builder()
            .statement(format!(
                "INSERT INTO \"{}\" VALUE {{'eventId': ?, 'expiresAtEpochSeconds': ?}}",
                tables.processed_events
            ))
            .parameters(s(event_id))
            .parameters(expires)
    } else {
        ParameterizedStatement::builder().statement(format!("UPDATE \"{}\" SET expiresAtEpochSeconds = ? WHERE eventId = ? AND expiresAtEpochSeconds <= ?", tables.processed_events))
            .parameters(expires).parameters(s(event_id)).parameters(n(now_epoch_seconds))
    };
    let second = if effect.items().is_empty() {
        ParameterizedStatement::builder()
            .statement(format!(
                "INSERT INTO \"{}\" VALUE {{'eventId': ?, 'times': ?}}",
                tables.effects
            ))
            .parameters(s(event_id))
            .parameters(n(1))
    } else {
        ParameterizedStatement::builder()
            .statement(format!(
                "UPDATE \"{}\" SET times = times + ? WHERE eventId = ?",
                tables.effects
            ))
            .parameters(n(1))
            .parameters(s(event_id))
    };
    let sent = dynamodb
        .execute_transaction()
        .transact_statements(first.build()?)
        .transact_statements(second.build()?)
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(Outcome::Applied);
    };
    if let Some(ExecuteTransactionError::TransactionCanceledException(c)) = error.as_service_error()
    {
        if matches!(
            c.cancellation_reasons().first().and_then(|r| r.code()),
            Some("DuplicateItem" | "ConditionalCheckFailed")
        ) {
            return Ok(Outcome::Duplicate);
        }
    }
    Err(error.into())
}
