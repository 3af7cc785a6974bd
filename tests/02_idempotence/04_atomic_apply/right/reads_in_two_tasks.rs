//! Reads both items at the same time, in two tasks, decides, and writes on conditions that hold it to what it has read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

/// The full names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
}

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let ask = |table: &String, key: &'static str, value: &String| {
        let call = dynamodb
            .get_item()
            .table_name(table)
            .key(key, s(value))
            .consistent_read(true);
        tokio::spawn(call.send())
    };
    let id = ask(&tables.processed_events, "eventId", &event.event_id);
    let account = ask(&tables.account_balances, "accountId", &event.account_id);
    let (id, account) = (id.await, account.await);
    let (id, account) = (id??, account??);
    if id.item().is_some() {
        return Ok(Outcome::Duplicate);
    }
    let cents: i64 = match account
        .item()
        .and_then(|i| i.get("balanceCents"))
        .and_then(|b| b.as_n().ok())
    {
        Some(t) => t.parse()?,
        None => 0,
    };
    let rejected = event.payment_type == PaymentType::Withdrawal && cents < event.amount_cents;
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", s(&event.event_id))
        .item("rejected", AttributeValue::Bool(rejected))
        .item("firstSeen", n(now_epoch_seconds))
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let second = TransactWriteItem::builder();
    let second = if rejected {
        second.condition_check(
            ConditionCheck::builder()
                .table_name(&tables.account_balances)
                .key("accountId", s(&event.account_id))
                .condition_expression("attribute_not_exists(accountId) OR balanceCents < :amount")
                .expression_attribute_values(":amount", n(event.amount_cents))
                .build()?,
        )
    } else {
        let update = Update::builder()
            .table_name(&tables.account_balances)
            .key("accountId", s(&event.account_id))
            .expression_attribute_values(":amount", n(event.amount_cents));
        second.update(
            match event.payment_type {
                PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
                PaymentType::Withdrawal => update
                    .update_expression("SET balanceCents = balanceCents - :amount")
                    .condition_expression("balanceCents >= :amount"),
            }
            .build()?,
        )
    };
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(second.build())
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(if rejected {
            Outcome::Rejected
        } else {
            Outcome::Applied
        });
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(c)) = error.as_service_error()
    {
        if c.cancellation_reasons().first().and_then(|r| r.code()) == Some("ConditionalCheckFailed")
        {
            return Ok(Outcome::Duplicate);
        }
    }
    Err(error.into())
}
