//! Read a shard to its end: the reference.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};

/// Whatever went wrong: the worker ends with it, and another one begins at the position that was saved last.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where a reader has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The shard is open, and there is nothing more in it at present.
    CaughtUp,
    /// The shard is closed, and will never hold more. Its records go on in these shards.
    Closed {
        /// The ids of the shards that follow it.
        children: Vec<String>,
    },
}

// ANCHOR: drain
/// Hands each record of a shard after `position` to `handle`, oldest first, each once.
///
/// # Errors
///
/// Whatever keeps a record from being read, but for an iterator that has expired.
pub async fn drain(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
    handle: &mut dyn FnMut(&Record),
) -> Result<End, Error> {
    let mut last = position.map(str::to_owned);
    let mut iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
    loop {
        let page = match kinesis.get_records().shard_iterator(&iterator).send().await {
            Ok(page) => page,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_expired_iterator_exception()) =>
            {
                iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
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

/// An iterator that stands after `position`, or at the beginning of the shard.
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
// ANCHOR_END: drain
