//! expect: LOST after conflict
//!
//! The transaction before this one is still in progress, so the event is decided, it says. That one may still fail.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as TE;
use aws_sdk_dynamodb::types::AttributeValue as V;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};

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
    let r = dynamodb
        .transact_write_items()
        .transact_items(put_id(tables, event, "applied", now_epoch_seconds))
        .transact_items(move_balance(tables, event))
        .send()
        .await;
    let e = match r {
        Ok(_) => return Ok(Outcome::Applied),
        Err(e) => e,
    };
    match codes(&e).as_deref() {
        Some([a, ..]) if a == "ConditionalCheckFailed" => Ok(Outcome::Duplicate),
        Some([a, b]) if a == "None" && b == "ConditionalCheckFailed" => {
            if remember_rejection(dynamodb, tables, event, now_epoch_seconds).await? {
                Ok(Outcome::Rejected)
            } else {
                Ok(Outcome::Duplicate)
            }
        }
        _ if matches!(
            e.as_service_error(),
            Some(TE::TransactionInProgressException(_))
        ) =>
        {
            Ok(Outcome::Duplicate)
        }
        _ => Err(e.into()),
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
fn put_id(t: &Tables, e: &PaymentEvent, outcome: &str, now: i64) -> TransactWriteItem {
    TransactWriteItem::builder()
        .put(
            Put::builder()
                .table_name(&t.processed_events)
                .item("eventId", s(&e.event_id))
                .item("outcome", s(outcome))
                .item("at", n(now))
                .condition_expression("attribute_not_exists(eventId)")
                .build()
                .unwrap(),
        )
        .build()
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
/// true if remembered by us, false if somebody else had decided
async fn remember_rejection(
    d: &Client,
    t: &Tables,
    e: &PaymentEvent,
    now: i64,
) -> Result<bool, Error> {
    match d
        .put_item()
        .table_name(&t.processed_events)
        .item("eventId", s(&e.event_id))
        .item("outcome", s("rejected"))
        .item("at", n(now))
        .condition_expression("attribute_not_exists(eventId)")
        .send()
        .await
    {
        Ok(_) => Ok(true),
        Err(x)
            if x.as_service_error()
                .is_some_and(|x| x.is_conditional_check_failed_exception()) =>
        {
            Ok(false)
        }
        Err(x) => Err(x.into()),
    }
}
