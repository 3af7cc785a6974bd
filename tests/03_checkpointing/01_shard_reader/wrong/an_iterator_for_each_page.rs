//! expect: STUCK after empty-page
//!
//! A new iterator for each page: none ever grows old, and none ever leads through a stretch without records.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    CaughtUp,
    Closed { children: Vec<String> },
}

pub async fn drain(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
    handle: &mut dyn FnMut(&Record),
) -> Result<End, Error> {
    let mut last = position.map(str::to_owned);
    let mut tries = 0;
    loop {
        let iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
        let page = match kinesis.get_records().shard_iterator(iterator).send().await {
            Ok(page) => page,
            Err(error) => {
                tries += 1;
                let expired = error
                    .as_service_error()
                    .is_some_and(|error| error.is_expired_iterator_exception());
                if expired && tries < 10 {
                    continue;
                }
                return Err(error.into());
            }
        };
        for record in page.records() {
            handle(record);
        }
        if let Some(record) = page.records().last() {
            last = Some(record.sequence_number().to_owned());
        }
        if page.next_shard_iterator().is_none() {
            let children = page
                .child_shards()
                .iter()
                .map(|child| child.shard_id().to_owned());
            return Ok(End::Closed {
                children: children.collect(),
            });
        }
        if page.records().is_empty() && page.millis_behind_latest() == Some(0) {
            return Ok(End::CaughtUp);
        }
    }
}

async fn iterator_after(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
) -> Result<String, Error> {
    let iterator = kinesis
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard_id);
    let iterator = match position {
        None => iterator.shard_iterator_type(ShardIteratorType::TrimHorizon),
        Some(sequence_number) => iterator
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(sequence_number),
    };
    let iterator = iterator.send().await?.shard_iterator;
    Ok(iterator.ok_or("Kinesis gave no shard iterator")?)
}
