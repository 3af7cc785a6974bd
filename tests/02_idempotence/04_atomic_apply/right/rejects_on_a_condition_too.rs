//! A rejection is a transaction as well: it is remembered only if the account still cannot pay at that moment.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};

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
    // Between the two the balance may move, and then the other one is true.
    for _ in 0..2 {
        for outcome in [Outcome::Applied, Outcome::Rejected] {
            if let Some(outcome) =
                decide(dynamodb, tables, event, outcome, now_epoch_seconds).await?
            {
                return Ok(outcome);
            }
        }
    }
    Err(format!("the balance of {} moves too fast", event.account_id).into())
}

/// Decides for `outcome`, if the balance allows it. `None`: it does not.
async fn decide(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    outcome: Outcome,
    now_epoch_seconds: i64,
) -> Result<Option<Outcome>, Error> {
    let amount = AttributeValue::N(event.amount_cents.to_string());
    let account = AttributeValue::S(event.account_id.clone());
    let name = if outcome == Outcome::Applied {
        "applied"
    } else {
        "rejected"
    };
    let remember = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S(name.to_owned()))
        .item(
            "processedAt",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", account.clone())
        .expression_attribute_values(":amount", amount.clone());
    let balance = match (outcome, event.payment_type) {
        (Outcome::Applied, PaymentType::Deposit) => TransactWriteItem::builder().update(
            update
                .update_expression("ADD balanceCents :amount")
                .build()?,
        ),
        (Outcome::Applied, PaymentType::Withdrawal) => TransactWriteItem::builder().update(
            update
                .update_expression("SET balanceCents = balanceCents - :amount")
                .condition_expression("balanceCents >= :amount")
                .build()?,
        ),
        _ => TransactWriteItem::builder().condition_check(
            ConditionCheck::builder()
                .table_name(&tables.account_balances)
                .key("accountId", account)
                .condition_expression("attribute_not_exists(accountId) OR balanceCents < :amount")
                .expression_attribute_values(":amount", amount)
                .build()?,
        ),
    };
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
        .transact_items(balance.build())
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Some(outcome)),
        Err(error) => match reasons(error.as_service_error()).as_slice() {
            ["ConditionalCheckFailed", _] => Ok(Some(Outcome::Duplicate)),
            ["None", "ConditionalCheckFailed"] => Ok(None),
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
