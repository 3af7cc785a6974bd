//! Reads both items, decides, and writes both on the condition that nobody has written since: optimistic locking, with
//! the balance itself as the version. That is enough here: the write depends on nothing but the balance.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

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
    let known = dynamodb
        .get_item()
        .table_name(&tables.processed_events)
        .key("eventId", AttributeValue::S(event.event_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    if known.item.is_some() {
        return Ok(Outcome::Duplicate);
    }
    let account = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    let old_cents: Option<i64> = match account.item.as_ref().and_then(|i| i.get("balanceCents")) {
        Some(AttributeValue::N(number)) => Some(number.parse()?),
        _ => None,
    };
    let new_cents = match event.payment_type {
        PaymentType::Deposit => old_cents.unwrap_or(0) + event.amount_cents,
        PaymentType::Withdrawal => old_cents.unwrap_or(0) - event.amount_cents,
    };
    let applied = new_cents >= 0;
    let outcome = if applied { "applied" } else { "rejected" };
    let remember = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S(outcome.to_owned()))
        .item(
            "processedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let mut transaction = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build());
    if applied {
        let set = Update::builder()
            .table_name(&tables.account_balances)
            .key("accountId", AttributeValue::S(event.account_id.clone()))
            .update_expression("SET balanceCents = :new")
            .expression_attribute_values(":new", AttributeValue::N(new_cents.to_string()));
        let set = match old_cents {
            Some(old) => set
                .condition_expression("balanceCents = :old")
                .expression_attribute_values(":old", AttributeValue::N(old.to_string())),
            None => set.condition_expression("attribute_not_exists(balanceCents)"),
        };
        transaction =
            transaction.transact_items(TransactWriteItem::builder().update(set.build()?).build());
    }
    match transaction.send().await {
        Ok(_) if applied => Ok(Outcome::Applied),
        Ok(_) => Ok(Outcome::Rejected),
        Err(error) => match reasons(error.as_service_error()).as_slice() {
            ["ConditionalCheckFailed", ..] => Ok(Outcome::Duplicate),
            // The balance has moved since it was read, or something failed: the event comes again.
            _ => Err(error.into()),
        },
    }
}

/// The code of each action's reason, or nothing if it was no cancellation.
fn reasons(error: Option<&TransactWriteItemsError>) -> Vec<&str> {
    match error {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or("None"))
            .collect(),
        _ => Vec::new(),
    }
}
