//! Read a shard: the reference.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::ShardIteratorType;

/// Whatever went wrong: the reader ends with it, and another one begins at the same position.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A record of the shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the shard: 56 digits or so.
    pub sequence_number: String,
    /// What the producer put there.
    pub data: Vec<u8>,
}

/// How far a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The shard is open, and there is nothing more to read at present.
    CaughtUp,
    /// The shard was split or merged, and its last record is read: nothing will ever come after it.
    Closed,
}

// ANCHOR: read
/// Reads the records of a shard up to its present end, oldest first, each once.
///
/// # Errors
///
/// Whatever AWS refuses, but for an iterator that has expired.
pub async fn read(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
) -> Result<(Vec<Record>, End), Error> {
    let mut records: Vec<Record> = Vec::new();
    let mut iterator = iterator_after(kinesis, stream, shard_id, position).await?;
    loop {
        let page = match kinesis.get_records().shard_iterator(&iterator).send().await {
            Ok(page) => page,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|refusal| refusal.is_expired_iterator_exception()) =>
            {
                // On from the last record that was read. Before the first one that is where the reader began.
                let last = records.last().map(|record| record.sequence_number.as_str());
                iterator = iterator_after(kinesis, stream, shard_id, last.or(position)).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let caught_up = page.millis_behind_latest() == Some(0);
        records.extend(page.records.into_iter().map(|record| Record {
            sequence_number: record.sequence_number,
            data: record.data.into_inner(),
        }));
        // The end of the shard first: there the reader is not behind either.
        match page.next_shard_iterator {
            None => return Ok((records, End::Closed)),
            Some(_) if caught_up => return Ok((records, End::CaughtUp)),
            Some(next) => iterator = next,
        }
    }
}

/// An iterator that stands after a record, or at the oldest one.
async fn iterator_after(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
) -> Result<String, Error> {
    let request = kinesis
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard_id);
    let request = match position {
        None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
        Some(sequence_number) => request
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(sequence_number),
    };
    let answer = request.send().await?;
    answer
        .shard_iterator
        .ok_or_else(|| "an answer without an iterator".into())
}
// ANCHOR_END: read
