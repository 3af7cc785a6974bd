//! expect: CORRUPT after two-workers
//!
//! Writes the new balance on the condition that the old one is there still, and on none where there was no item.

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

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    _now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let account = AttributeValue::S(event.account_id.clone());
    let mut last: Option<Error> = None;
    for _ in 0..6 {
        let read = dynamodb
            .get_item()
            .table_name(&tables.account_balances)
            .key("accountId", account.clone())
            .consistent_read(true)
            .send()
            .await?;
        let old: Option<i128> = match read.item().and_then(|item| item.get("balanceCents")) {
            Some(AttributeValue::N(cents)) => Some(cents.parse()?),
            _ => None,
        };
        let amount = i128::from(event.amount_cents);
        let new = match event.payment_type {
            PaymentType::Deposit => Some(old.unwrap_or(0) + amount),
            PaymentType::Withdrawal => Some(old.unwrap_or(0) - amount).filter(|new| *new >= 0),
        };
        let put = Put::builder()
            .table_name(&tables.processed_events)
            .item("eventId", AttributeValue::S(event.event_id.clone()))
            .condition_expression("attribute_not_exists(eventId)")
            .build()?;
        let mut request = dynamodb
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build());
        if let Some(new) = new {
            let update = Update::builder()
                .table_name(&tables.account_balances)
                .key("accountId", account.clone())
                .update_expression("SET balanceCents = :new")
                .expression_attribute_values(":new", AttributeValue::N(new.to_string()));
            let update = match old {
                Some(old) => update
                    .condition_expression("balanceCents = :old")
                    .expression_attribute_values(":old", AttributeValue::N(old.to_string())),
                None => update,
            };
            request = request
                .transact_items(TransactWriteItem::builder().update(update.build()?).build());
        }
        let error = match request.send().await {
            Ok(_) => {
                return Ok(if new.is_some() {
                    Outcome::Applied
                } else {
                    Outcome::Rejected
                });
            }
            Err(error) => error,
        };
        let codes: Vec<String> = match error.as_service_error() {
            Some(aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default().to_owned()).collect()
            }
            _ => return Err(error.into()),
        };
        if codes
            .first()
            .is_some_and(|code| code == "ConditionalCheckFailed")
        {
            return Ok(Outcome::Duplicate);
        }
        last = Some(error.into());
    }
    Err(last.unwrap_or_else(|| "cancelled all the time".into()))
}
