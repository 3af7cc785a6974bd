//! The parts of a consumer: read, process, commit. All given; there is nothing to change here.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kinesis::types::ShardIteratorType;
use serde::Deserialize;

/// Whatever went wrong: the worker ends with it, and another one is started.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A consumer of one stream with one shard.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// For the stream.
    pub kinesis: aws_sdk_kinesis::Client,
    /// For the tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The stream of payments.
    pub payment_events: String,
    /// The table of balances: `accountId`, `balanceCents`.
    pub account_balances: String,
    /// The table of positions: `shardId`, `sequenceNumber`. Kinesis keeps no position for its consumers.
    pub checkpoints: String,
}

/// A record of the stream.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard: 56 digits or so.
    pub sequence_number: String,
    /// What it says.
    pub payment: Payment,
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// `deposit` or `withdrawal`.
    pub r#type: PaymentType,
    /// By how much, in cents; above 0.
    pub amount_cents: i64,
}

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentType {
    /// Into the account.
    Deposit,
    /// Out of the account.
    Withdrawal,
}

const SHARD: &str = "shardId-000000000000";

impl Consumer {
    /// Reads what comes after the committed position, oldest first: everything where nothing was committed.
    ///
    /// # Errors
    /// AWS did not answer, or refused; or a record is no payment.
    pub async fn read(&self) -> Result<Vec<Record>, Error> {
        let iterator = self
            .kinesis
            .get_shard_iterator()
            .stream_name(&self.payment_events)
            .shard_id(SHARD);
        let iterator = match self.committed().await? {
            None => iterator.shard_iterator_type(ShardIteratorType::TrimHorizon),
            Some(sequence_number) => iterator
                .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
                .starting_sequence_number(sequence_number),
        };
        let mut next = iterator.send().await?.shard_iterator;
        let mut records = Vec::new();
        while let Some(iterator) = next {
            let page = self
                .kinesis
                .get_records()
                .shard_iterator(iterator)
                .send()
                .await?;
            for record in page.records() {
                records.push(Record {
                    sequence_number: record.sequence_number().to_owned(),
                    payment: serde_json::from_slice(record.data().as_ref())?,
                });
            }
            // An empty page is not the end: the reader may be behind all the same.
            if page.millis_behind_latest() == Some(0) {
                break;
            }
            next = page.next_shard_iterator;
        }
        Ok(records)
    }

    /// Processes a record: adds its amount to the balance. Doing so twice adds it twice.
    ///
    /// The SDK sends this up to `attempts` times where the connection breaks, or where it is told to come again.
    ///
    /// # Errors
    /// AWS did not answer, or refused. Then nobody knows whether the amount was added.
    pub async fn process(&self, record: &Record, attempts: u32) -> Result<(), Error> {
        let payment = &record.payment;
        let delta_cents = match payment.r#type {
            PaymentType::Deposit => payment.amount_cents,
            PaymentType::Withdrawal => -payment.amount_cents,
        };
        self.dynamodb
            .update_item()
            .table_name(&self.account_balances)
            .key("accountId", AttributeValue::S(payment.account_id.clone()))
            .update_expression("ADD balanceCents :delta")
            .expression_attribute_values(":delta", AttributeValue::N(delta_cents.to_string()))
            .customize()
            .config_override(
                aws_sdk_dynamodb::Config::builder()
                    .retry_config(RetryConfig::standard().with_max_attempts(attempts)),
            )
            .send()
            .await?;
        Ok(())
    }

    /// Commits a record: whoever reads next begins after it.
    ///
    /// # Errors
    /// AWS did not answer, or refused.
    pub async fn commit(&self, record: &Record) -> Result<(), Error> {
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

    /// The sequence number of the last record committed.
    async fn committed(&self) -> Result<Option<String>, Error> {
        let checkpoint = self
            .dynamodb
            .get_item()
            .table_name(&self.checkpoints)
            .key("shardId", AttributeValue::S(SHARD.to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        let sequence_number = checkpoint
            .item()
            .and_then(|item| item.get("sequenceNumber")?.as_s().ok().cloned());
        Ok(sequence_number)
    }
}
