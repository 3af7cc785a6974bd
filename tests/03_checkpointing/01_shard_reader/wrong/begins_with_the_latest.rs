//! expect: LOST after no-fault
//!
//! Without a position it begins with what comes from now on.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::ShardIteratorType;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub sequence_number: String,
    pub data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    CaughtUp,
    Closed,
}

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
        match page.next_shard_iterator {
            None => return Ok((records, End::Closed)),
            Some(_) if caught_up => return Ok((records, End::CaughtUp)),
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
    let request = kinesis
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard_id);
    let request = match position {
        None => request.shard_iterator_type(ShardIteratorType::Latest),
        Some(sequence_number) => request
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(sequence_number),
    };
    let answer = request.send().await?;
    answer
        .shard_iterator
        .ok_or_else(|| "an answer without an iterator".into())
}
