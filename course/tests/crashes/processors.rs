//! Five processors of one stream. They differ in when the balance, the memory of the event and the position are stored.

#[expect(
    dead_code,
    reason = "the demo names its processors on its command line"
)]
#[path = "../../src/demo/processors.rs"]
pub mod demo;

use atomic_apply_solution::{PaymentEvent, PaymentType};
use atomic_checkpoint_solution::{Record, SHARD, Source};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use break_it_solution::processors;
use lab::Aws;
use std::collections::{BTreeMap, BTreeSet};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How many records the batch processor takes together.
const BATCH: usize = 2;

/// Which processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// One of the demo's: naive, check-then-act, or the solution of atomic-apply.
    Demo(demo::Processor),
    MarkFirst,
    Batch,
}

/// A worker: it goes on after the position that it finds, up to the present end of the stream.
pub async fn work(processor: Processor, aws: Aws) -> Result<(), Error> {
    let worker = Worker {
        checkpoints: aws.name("checkpoints"),
        account_balances: aws.name("account-balances"),
        processed_events: aws.name("processed-events"),
        dynamodb: aws.dynamodb.clone(),
    };
    let source = Source {
        payment_events: aws.name("payment-events"),
        kinesis: aws.kinesis,
    };
    let position = worker.position().await?;
    let records = source.read_after(position.as_deref()).await?;
    let now = aws.now_epoch_seconds;
    let records_at_once = match processor {
        Processor::Batch => BATCH,
        _ => 1,
    };
    for records in records.chunks(records_at_once) {
        let record = &records[0];
        match processor {
            Processor::Demo(processor) => worker.as_in_the_demo(processor, record, now).await?,
            Processor::MarkFirst => worker.mark_first(record).await?,
            // The position is a part of its transaction.
            Processor::Batch => {
                worker.batch(records).await?;
                continue;
            }
        }
        worker.move_position(record).await?;
    }
    Ok(())
}

struct Worker {
    dynamodb: Client,
    account_balances: String,
    processed_events: String,
    checkpoints: String,
}

impl Worker {
    /// As the demo's processor does.
    async fn as_in_the_demo(
        &self,
        processor: demo::Processor,
        record: &Record,
        now_epoch_seconds: i64,
    ) -> Result<(), Error> {
        let tables = atomic_apply_solution::Tables {
            account_balances: self.account_balances.clone(),
            processed_events: self.processed_events.clone(),
        };
        let event = PaymentEvent {
            event_id: record.payment.event_id.clone(),
            account_id: record.payment.account_id.clone(),
            payment_type: match delta_cents(record) {
                0.. => PaymentType::Deposit,
                _ => PaymentType::Withdrawal,
            },
            amount_cents: record.payment.amount_cents,
        };
        processor
            .process(&self.dynamodb, &tables, &event, now_epoch_seconds)
            .await?;
        Ok(())
    }

    /// As the processor does that is to be broken in break-it.
    async fn mark_first(&self, record: &Record) -> Result<(), Error> {
        let tables = processors::Tables {
            account_balances: self.account_balances.clone(),
            processed_events: self.processed_events.clone(),
        };
        let payment = processors::Payment {
            event_id: record.payment.event_id.clone(),
            account_id: record.payment.account_id.clone(),
            delta_cents: delta_cents(record),
        };
        processors::mark_first(&self.dynamodb, &tables, &payment).await
    }

    // ANCHOR: batch
    /// Two records in one transaction, and the position with them.
    async fn batch(&self, records: &[Record]) -> Result<(), Error> {
        let Some(last) = records.last() else {
            return Ok(());
        };
        let mut known = BTreeSet::new();
        loop {
            let mut claims = Vec::new();
            let mut changes: BTreeMap<&str, i64> = BTreeMap::new();
            for record in records {
                let id = &record.payment.event_id;
                // The same item twice in one transaction is an error: a repeat within the batch is left out here.
                if !known.contains(id) && !claims.contains(id) {
                    claims.push(id.clone());
                    *changes.entry(&record.payment.account_id).or_default() += delta_cents(record);
                }
            }
            let mut actions = Vec::new();
            for id in &claims {
                actions.push(self.claim(id)?);
            }
            for (account_id, cents) in changes {
                actions.push(self.add(account_id, cents)?);
            }
            actions.push(self.position_at(last)?);
            let sent = self
                .dynamodb
                .transact_write_items()
                .set_transact_items(Some(actions))
                .send()
                .await;
            let Err(error) = sent else { return Ok(()) };
            let before = known.len();
            if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            {
                // The claims come first: their reasons do too.
                for (id, reason) in claims.into_iter().zip(cancelled.cancellation_reasons()) {
                    if reason.code() == Some("ConditionalCheckFailed") {
                        known.insert(id);
                    }
                }
            }
            // Once more without what was decided before; anything else is for the next worker.
            if known.len() == before {
                return Err(error.into());
            }
        }
    }
    // ANCHOR_END: batch

    fn claim(&self, event_id: &str) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.processed_events)
            .item("eventId", AttributeValue::S(event_id.to_owned()))
            .condition_expression("attribute_not_exists(eventId)")
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn add(&self, account_id: &str, cents: i64) -> Result<TransactWriteItem, Error> {
        let update = Update::builder()
            .table_name(&self.account_balances)
            .key("accountId", AttributeValue::S(account_id.to_owned()))
            .update_expression("ADD balanceCents :cents")
            .expression_attribute_values(":cents", AttributeValue::N(cents.to_string()))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn position_at(&self, record: &Record) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.checkpoints)
            .item("shardId", AttributeValue::S(SHARD.to_owned()))
            .item(
                "sequenceNumber",
                AttributeValue::S(record.sequence_number.clone()),
            )
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    async fn position(&self) -> Result<Option<String>, Error> {
        let found = self
            .dynamodb
            .get_item()
            .table_name(&self.checkpoints)
            .key("shardId", AttributeValue::S(SHARD.to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        let position = found.item().and_then(|item| item.get("sequenceNumber"));
        Ok(position.and_then(|position| position.as_s().ok().cloned()))
    }

    async fn move_position(&self, record: &Record) -> Result<(), Error> {
        self.dynamodb
            .put_item()
            .table_name(&self.checkpoints)
            .item("shardId", AttributeValue::S(SHARD.to_owned()))
            .item(
                "sequenceNumber",
                AttributeValue::S(record.sequence_number.clone()),
            )
            .send()
            .await?;
        Ok(())
    }
}

fn delta_cents(record: &Record) -> i64 {
    match record.payment.r#type {
        atomic_checkpoint_solution::PaymentType::Deposit => record.payment.amount_cents,
        atomic_checkpoint_solution::PaymentType::Withdrawal => -record.payment.amount_cents,
    }
}
