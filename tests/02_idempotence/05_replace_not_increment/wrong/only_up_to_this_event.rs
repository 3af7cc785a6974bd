//! expect: LOST after crash-before
//!
//! Adds up the events with ids up to this one: right only if they come in that order.

use aws_sdk_dynamodb::Client;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub delta_cents: i64,
}

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_events: String,
    pub account_balances: String,
}

use aws_sdk_dynamodb::types::AttributeValue;

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
fn number(value: Option<&AttributeValue>) -> Result<i64, Error> {
    match value {
        Some(AttributeValue::N(text)) => Ok(text.parse()?),
        other => Err(format!("a number expected, not {other:?}").into()),
    }
}

async fn record(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    dynamodb
        .put_item()
        .table_name(&tables.account_events)
        .item("accountId", s(&event.account_id))
        .item("eventId", s(&event.event_id))
        .item("deltaCents", n(event.delta_cents))
        .send()
        .await?;
    Ok(())
}

async fn version(dynamodb: &Client, tables: &Tables, account_id: &str) -> Result<i64, Error> {
    let read = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", s(account_id))
        .consistent_read(true)
        .send()
        .await?;
    number(read.item().and_then(|item| item.get("version")))
}

async fn sum(
    dynamodb: &Client,
    tables: &Tables,
    account_id: &str,
    upto: &str,
) -> Result<i64, Error> {
    let mut sum = 0_i64;
    let mut start = None;
    loop {
        let page = dynamodb
            .query()
            .table_name(&tables.account_events)
            .consistent_read(true)
            .key_condition_expression("accountId = :account AND eventId <= :upto")
            .expression_attribute_values(":account", s(account_id))
            .expression_attribute_values(":upto", s(upto))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        for item in page.items() {
            sum += number(item.get("deltaCents"))?;
        }
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            break;
        }
    }
    let opening = dynamodb
        .get_item()
        .table_name(&tables.account_events)
        .key("accountId", s(account_id))
        .key("eventId", s("opening"))
        .consistent_read(true)
        .send()
        .await?;
    if upto < "opening" {
        sum += number(opening.item().and_then(|i| i.get("deltaCents")))?;
    }
    Ok(sum)
}

async fn set_balance(
    dynamodb: &Client,
    tables: &Tables,
    account_id: &str,
    sum: i64,
    version: i64,
) -> Result<bool, Error> {
    let update = dynamodb
        .update_item()
        .table_name(&tables.account_balances)
        .key("accountId", s(account_id))
        .update_expression("SET balanceCents = :balance, version = :next")
        .condition_expression("version = :version")
        .expression_attribute_values(":balance", n(sum))
        .expression_attribute_values(":version", n(version))
        .expression_attribute_values(":next", n(version + 1))
        .send()
        .await;
    match update {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    record(dynamodb, tables, event).await?;
    for _ in 0..8 {
        let version = version(dynamodb, tables, &event.account_id).await?;
        let sum = sum(dynamodb, tables, &event.account_id, &event.event_id).await?;
        if set_balance(dynamodb, tables, &event.account_id, sum, version).await? {
            return Ok(());
        }
    }
    Err("the balance changes all the time".into())
}
