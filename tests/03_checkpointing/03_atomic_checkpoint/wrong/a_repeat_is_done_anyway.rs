//! expect: STUCK after throttled-out
//!
//! Ignores whatever keeps the position from moving past a repeat: at the end of the shard nothing follows that would fail.

mod source;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put,
    TransactWriteItem, Update,
};
pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
    pub checkpoints: String,
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn load(dynamodb: &Client, tables: &Tables) -> Result<Option<String>, Error> {
    let got = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", s(SHARD))
        .consistent_read(true)
        .send()
        .await?;
    match got.item() {
        None => Ok(None),
        Some(item) => match item.get("sequenceNumber") {
            Some(AttributeValue::S(at)) => Ok(Some(at.clone())),
            other => Err(format!("no position: {other:?}").into()),
        },
    }
}

fn advance(tables: &Tables, from: Option<&str>, to: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", s(SHARD))
        .item("sequenceNumber", s(to));
    let put = match from {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => put
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", s(from)),
    };
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn remember(tables: &Tables, payment: &Payment, outcome: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", s(&payment.event_id))
        .item("outcome", s(outcome))
        .condition_expression("attribute_not_exists(eventId)");
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn movement(tables: &Tables, payment: &Payment) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", s(&payment.account_id));
    let update = match payment.r#type {
        PaymentType::Deposit => update
            .update_expression("ADD balanceCents :delta")
            .expression_attribute_values(":delta", n(payment.amount_cents)),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount")
            .expression_attribute_values(":amount", n(payment.amount_cents)),
    };
    TransactWriteItem::builder()
        .update(update.build().unwrap())
        .build()
}

async fn transact(
    dynamodb: &Client,
    actions: Vec<TransactWriteItem>,
) -> Result<Option<Vec<String>>, Error> {
    match dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await
    {
        Ok(_) => Ok(None),
        Err(error) => {
            let error = error.into_service_error();
            let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = &error else { return Err(error.into()) };
            Ok(Some(
                cancelled
                    .cancellation_reasons()
                    .iter()
                    .map(|reason| reason.code().unwrap_or("None").to_owned())
                    .collect(),
            ))
        }
    }
}

pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut position = load(dynamodb, tables).await?;
    for record in source.read_after(position.as_deref()).await? {
        let payment = &record.payment;
        let from = position.as_deref();
        let to = record.sequence_number.as_str();
        let actions = vec![
            remember(tables, payment, "applied"),
            movement(tables, payment),
            advance(tables, from, to),
        ];
        if let Some(reasons) = transact(dynamodb, actions).await? {
            let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
            let rest = match reasons.as_slice() {
                ["ConditionalCheckFailed", _, "None"] => {
                    if let Ok(None) = transact(dynamodb, vec![advance(tables, from, to)]).await {
                        position = Some(record.sequence_number.clone());
                    }
                    continue;
                }
                ["None", "ConditionalCheckFailed", "None"] => vec![
                    remember(tables, payment, "rejected"),
                    advance(tables, from, to),
                ],
                _ => return Err(format!("{}: {reasons:?}", payment.event_id).into()),
            };
            if let Some(reasons) = transact(dynamodb, rest).await? {
                return Err(format!("{}: {reasons:?}", payment.event_id).into());
            }
        }
        position = Some(record.sequence_number);
    }
    Ok(())
}
