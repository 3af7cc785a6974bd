//! A rejection has the id for its only condition: as long as that is not there, nobody has moved the position past it.

mod source;

pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};

#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
    pub checkpoints: String,
}

pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut from = position(dynamodb, tables).await?;
    let records = source.read_after(from.as_deref()).await?;
    for record in &records {
        let (payment, to) = (&record.payment, &record.sequence_number);

        let first = vec![
            remember(tables, payment, "applied")?,
            balance(tables, payment)?,
            advance(tables, from.as_deref(), to)?,
        ];
        if let Some(reasons) = send(dynamodb, first).await? {
            let reasons: Vec<_> = reasons.iter().map(String::as_str).collect();
            let rest = match reasons.as_slice() {
                ["ConditionalCheckFailed", _, "None"] => {
                    vec![advance(tables, from.as_deref(), to)?]
                }
                ["None", "ConditionalCheckFailed", "None"] => vec![
                    remember(tables, payment, "rejected")?,
                    TransactWriteItem::builder()
                        .put(
                            Put::builder()
                                .table_name(&tables.checkpoints)
                                .item("shardId", S(SHARD.to_owned()))
                                .item("sequenceNumber", S(to.to_owned()))
                                .build()?,
                        )
                        .build(),
                ],
                reasons => {
                    return Err(format!("{} is undecided: {reasons:?}", payment.event_id).into());
                }
            };
            if let Some(reasons) = send(dynamodb, rest).await? {
                return Err(format!("{} is undecided: {reasons:?}", payment.event_id).into());
            }
        }

        from = Some(to.clone());
    }

    Ok(())
}

async fn position(dynamodb: &Client, tables: &Tables) -> Result<Option<String>, Error> {
    let found = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", S(SHARD.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    Ok(found
        .item()
        .and_then(|item| item.get("sequenceNumber"))
        .and_then(|position| position.as_s().ok())
        .cloned())
}

fn remember(tables: &Tables, payment: &Payment, outcome: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", S(payment.event_id.clone()))
        .item("outcome", S(outcome.to_owned()))
        .condition_expression("attribute_not_exists(eventId)")
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn balance(tables: &Tables, payment: &Payment) -> Result<TransactWriteItem, Error> {
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", S(payment.account_id.clone()))
        .expression_attribute_values(":amount", N(payment.amount_cents.to_string()));
    let update = match payment.r#type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount"),
    };
    Ok(TransactWriteItem::builder().update(update.build()?).build())
}

fn advance(tables: &Tables, from: Option<&str>, to: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", S(SHARD.to_owned()))
        .item("sequenceNumber", S(to.to_owned()));
    let put = match from {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => put
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", S(from.to_owned())),
    };
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

async fn send(
    dynamodb: &Client,
    actions: Vec<TransactWriteItem>,
) -> Result<Option<Vec<String>>, Error> {
    let sent = dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(None),
        Err(error) => error,
    };
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let reasons = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or("None").to_owned());
        return Ok(Some(reasons.collect()));
    }
    Err(error.into())
}
