//! The ids are items of account-balances, beside the accounts. No balance is theirs.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as TE;
use aws_sdk_dynamodb::types::AttributeValue as V;
use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};

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
    let idrow = |o: &str| {
        Put::builder()
            .table_name(&tables.account_balances)
            .item("accountId", s(&format!("event#{}", event.event_id)))
            .item("outcome", s(o))
            .condition_expression("attribute_not_exists(accountId)")
            .build()
            .unwrap()
    };
    let r = dynamodb
        .transact_write_items()
        .transact_items(move_balance(tables, event))
        .transact_items(TransactWriteItem::builder().put(idrow("applied")).build())
        .send()
        .await;
    let e = match r {
        Ok(_) => return Ok(Outcome::Applied),
        Err(e) => e,
    };
    let c = match codes(&e) {
        Some(c) => c,
        None => return Err(e.into()),
    };
    if c[1] == "ConditionalCheckFailed" {
        return Ok(Outcome::Duplicate);
    }
    if !(c[1] == "None" && c[0] == "ConditionalCheckFailed") {
        return Err(e.into());
    }
    let check = ConditionCheck::builder()
        .table_name(&tables.account_balances)
        .key("accountId", s(&event.account_id))
        .condition_expression("attribute_not_exists(accountId) OR balanceCents < :a")
        .expression_attribute_values(":a", n(event.amount_cents))
        .build()?;
    match dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .transact_items(TransactWriteItem::builder().put(idrow("rejected")).build())
        .send()
        .await
    {
        Ok(_) => Ok(Outcome::Rejected),
        Err(e) => match codes(&e) {
            Some(c) if c[1] == "ConditionalCheckFailed" => Ok(Outcome::Duplicate),
            _ => Err(e.into()),
        },
    }
}

fn s(v: &str) -> V {
    V::S(v.to_string())
}
fn n(v: i64) -> V {
    V::N(v.to_string())
}
fn codes<R>(e: &SdkError<TE, R>) -> Option<Vec<String>> {
    match e.as_service_error() {
        Some(TE::TransactionCanceledException(c)) => Some(
            c.cancellation_reasons()
                .iter()
                .map(|r| r.code().unwrap_or("").to_string())
                .collect(),
        ),
        _ => None,
    }
}
fn move_balance(t: &Tables, e: &PaymentEvent) -> TransactWriteItem {
    let mut u = Update::builder()
        .table_name(&t.account_balances)
        .key("accountId", s(&e.account_id))
        .update_expression("ADD balanceCents :d");
    u = match e.payment_type {
        PaymentType::Deposit => u.expression_attribute_values(":d", n(e.amount_cents)),
        PaymentType::Withdrawal => u
            .expression_attribute_values(":d", n(-e.amount_cents))
            .expression_attribute_values(":a", n(e.amount_cents))
            .condition_expression("balanceCents >= :a"),
    };
    TransactWriteItem::builder()
        .update(u.build().unwrap())
        .build()
}
