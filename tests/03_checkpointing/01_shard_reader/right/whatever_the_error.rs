//! Any error may mean a new iterator, a few times for one page.

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
    let mut iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
    let mut patience = 3;
    loop {
        let page = match kinesis.get_records().shard_iterator(&iterator).send().await {
            Ok(page) => page,
            Err(error) if patience == 0 => return Err(error.into()),
            Err(_) => {
                patience -= 1;
                iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
                continue;
            }
        };
        patience = 3;
        for record in page.records() {
            handle(record);
            last = Some(record.sequence_number().to_owned());
        }
        let has_caught_up = page.records().is_empty() && page.millis_behind_latest() == Some(0);
        match page.next_shard_iterator {
            None => {
                let children = page.child_shards.unwrap_or_default();
                return Ok(End::Closed {
                    children: children.into_iter().map(|child| child.shard_id).collect(),
                });
            }
            Some(_) if has_caught_up => return Ok(End::CaughtUp),
            Some(next) => iterator = next,
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
