//! expect: CORRUPT after two-workers
//!
//! Asks by a consistent read whether the account can pay, and not by a condition: another worker pays in between.

use aws_sdk_dynamodb::Client;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
}

pub type Error = Box<dyn std::error::Error + Send + Sync>;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn balance_update(tables: &Tables, event: &PaymentEvent) -> Result<Update, Error> {
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", text(&event.account_id))
        .expression_attribute_values(":amount", AttributeValue::N(event.amount_cents.to_string()));
    Ok(match event.payment_type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => {
            update.update_expression("SET balanceCents = balanceCents - :amount")
        }
    }
    .build()?)
}

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    if event.payment_type == PaymentType::Withdrawal {
        let account = dynamodb
            .get_item()
            .table_name(&tables.account_balances)
            .key("accountId", text(&event.account_id))
            .consistent_read(true)
            .send()
            .await?;
        let balance: i64 = match account.item().and_then(|item| item.get("balanceCents")) {
            Some(AttributeValue::N(cents)) => cents.parse()?,
            _ => 0,
        };
        if balance < event.amount_cents {
            return reject(dynamodb, tables, event, now_epoch_seconds).await;
        }
    }
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", text(&event.event_id))
        .item(
            "decidedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(
            TransactWriteItem::builder()
                .update(balance_update(tables, event)?)
                .build(),
        )
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let codes: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code())
            .collect();
        match codes.as_slice() {
            [Some("ConditionalCheckFailed"), _] => return Ok(Outcome::Duplicate),
            _ => {}
        }
    }
    Err(error.into())
}

async fn reject(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let sent = dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", text(&event.event_id))
        .item(
            "decidedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .item("rejected", AttributeValue::Bool(true))
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Outcome::Rejected),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(Outcome::Duplicate)
        }
        Err(error) => Err(error.into()),
    }
}
