//! The stream of page views, one shard of it. All given; there is nothing to change here.

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
    /// The stream of page views.
    pub page_views: String,
}

/// A record of the stream: a page view.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard: 56 digits or so.
    pub sequence_number: String,
    /// When the page was viewed, in seconds since 1970. Views come out of order, some of them late.
    pub at_seconds: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    at_seconds: i64,
}

impl Source {
    /// Reads what comes after `position`, oldest first, up to the present end; everything if there is no position.
    ///
    /// # Errors
    /// AWS did not answer, or refused; or a record is no page view.
    pub async fn read_after(&self, position: Option<&str>) -> Result<Vec<Record>, Error> {
        let iterator = self
            .kinesis
            .get_shard_iterator()
            .stream_name(&self.page_views)
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
                    at_seconds: serde_json::from_slice::<View>(record.data().as_ref())?.at_seconds,
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
