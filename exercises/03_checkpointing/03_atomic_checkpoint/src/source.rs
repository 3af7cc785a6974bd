//! The stream of payments, one shard of it. All given; there is nothing to change here.

use aws_sdk_kinesis::types::ShardIteratorType;
use serde::Deserialize;

/// Whatever went wrong: the worker ends with it, and another one is started.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The only shard of the stream: the key of its position.
pub const SHARD: &str = "shardId-000000000000";

/// A stream with one shard.
#[derive(Clone, Debug)]
pub struct Source {
    /// For the stream.
    pub kinesis: aws_sdk_kinesis::Client,
    /// The stream of payments.
    pub payment_events: String,
}

/// A record of the stream.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard: 56 digits or so.
    pub sequence_number: String,
    /// What it says.
    pub payment: Payment,
}

/// A payment. A producer may have sent it twice: then it is in two records, under one id.
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
    /// Out of the account, if the balance is at least as large.
    Withdrawal,
}

impl Source {
    /// Reads what comes after `position`, oldest first, up to the present end; everything if there is no position.
    ///
    /// # Errors
    /// AWS did not answer, or refused; or a record is no payment.
    pub async fn read_after(&self, position: Option<&str>) -> Result<Vec<Record>, Error> {
        let iterator = self
            .kinesis
            .get_shard_iterator()
            .stream_name(&self.payment_events)
            .shard_id(SHARD);
        let iterator = match position {
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
}
