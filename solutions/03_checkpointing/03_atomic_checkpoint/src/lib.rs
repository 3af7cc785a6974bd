//! Move the position with the payment: the reference.

// The given part, in the one place where it is given.
#[path = "../../../../exercises/03_checkpointing/03_atomic_checkpoint/src/source.rs"]
mod source;

pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-balances`.
    pub account_balances: String,
    /// The table `processed-events`.
    pub processed_events: String,
    /// The table `checkpoints`.
    pub checkpoints: String,
}

// ANCHOR: process
/// Processes what comes after the shard's position, up to the present end of the shard.
///
/// # Errors
///
/// Whatever leaves a record undecided, another worker on this shard included.
pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let worker = Worker { dynamodb, tables };
    let mut position = worker.load().await?;
    for record in source.read_after(position.as_deref()).await? {
        worker.decide(&record, position.as_deref()).await?;
        position = Some(record.sequence_number);
    }
    Ok(())
}

struct Worker<'a> {
    dynamodb: &'a Client,
    tables: &'a Tables,
}

impl Worker<'_> {
    /// Decides a record, and moves the position from `from` to it, in one step.
    async fn decide(&self, record: &Record, from: Option<&str>) -> Result<(), Error> {
        let payment = &record.payment;
        let apply = vec![
            self.claim(payment, "applied")?,
            self.move_balance(payment)?,
            self.advance(record, from)?,
        ];
        let Err(reasons) = self.transact(apply).await? else {
            return Ok(());
        };
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        let rest = match reasons.as_slice() {
            // The producer's repeat: there is nothing to do, and it is done.
            ["ConditionalCheckFailed", _, "None"] => vec![self.advance(record, from)?],
            ["None", "ConditionalCheckFailed", "None"] => {
                vec![
                    self.claim(payment, "rejected")?,
                    self.advance(record, from)?,
                ]
            }
            // A position that has moved means another worker; anything else may pass. Nothing was decided.
            reasons => return Err(undecided(payment, reasons)),
        };
        match self.transact(rest).await? {
            Ok(()) => Ok(()),
            Err(reasons) => Err(undecided(payment, &reasons)),
        }
    }

    /// All actions or none. The inner error holds the reasons of a cancellation, one for each action.
    async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<String>>, Error> {
        let sent = self
            .dynamodb
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Ok(()));
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let codes = cancelled.cancellation_reasons().iter();
                let codes = codes.map(|reason| reason.code().unwrap_or_default().to_owned());
                Ok(Err(codes.collect()))
            }
            _ => Err(error.into()),
        }
    }

    /// The position moves on, from where this worker knows it to be.
    fn advance(&self, record: &Record, from: Option<&str>) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.tables.checkpoints)
            .item("shardId", AttributeValue::S(SHARD.to_owned()))
            .item(
                "sequenceNumber",
                AttributeValue::S(record.sequence_number.clone()),
            );
        let put = match from {
            None => put.condition_expression("attribute_not_exists(shardId)"),
            Some(from) => put
                .condition_expression("sequenceNumber = :from")
                .expression_attribute_values(":from", AttributeValue::S(from.to_owned())),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
    // ANCHOR_END: process

    /// The last record that is done.
    async fn load(&self) -> Result<Option<String>, Error> {
        let found = self
            .dynamodb
            .get_item()
            .table_name(&self.tables.checkpoints)
            .key("shardId", AttributeValue::S(SHARD.to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        let position = found
            .item()
            .and_then(|item| item.get("sequenceNumber")?.as_s().ok().cloned());
        Ok(position)
    }

    /// Claims the event's id, which fails if it was decided before.
    fn claim(&self, payment: &Payment, outcome: &str) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.tables.processed_events)
            .item("eventId", AttributeValue::S(payment.event_id.clone()))
            .item("outcome", AttributeValue::S(outcome.to_owned()))
            .condition_expression("attribute_not_exists(eventId)")
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Moves the balance, which fails for a withdrawal beyond it.
    fn move_balance(&self, payment: &Payment) -> Result<TransactWriteItem, Error> {
        let amount = AttributeValue::N(payment.amount_cents.to_string());
        let update = Update::builder()
            .table_name(&self.tables.account_balances)
            .key("accountId", AttributeValue::S(payment.account_id.clone()))
            .expression_attribute_values(":amount", amount);
        let update = match payment.r#type {
            PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
            PaymentType::Withdrawal => update
                .update_expression("SET balanceCents = balanceCents - :amount")
                .condition_expression("balanceCents >= :amount"),
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

fn undecided(payment: &Payment, reasons: &[impl AsRef<str>]) -> Error {
    let reasons: Vec<&str> = reasons.iter().map(AsRef::as_ref).collect();
    format!(
        "{} is undecided: [{}]",
        payment.event_id,
        reasons.join(", ")
    )
    .into()
}
