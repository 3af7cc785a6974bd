//! expect: STUCK
//!
//! Takes a second expired iterator for an error. A slow handler meets one at each page.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    CaughtUp,
    Closed { children: Vec<String> },
}

async fn iterator_after(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    last: Option<&str>,
) -> Result<String, Error> {
    let request = kinesis
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard_id);
    let request = match last {
        Some(last) => request
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(last),
        None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
    };
    request
        .send()
        .await?
        .shard_iterator
        .ok_or_else(|| "no iterator".into())
}

pub async fn drain(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
    handle: &mut dyn FnMut(&Record),
) -> Result<End, Error> {
    let mut last: Option<String> = position.map(str::to_owned);
    let mut iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
    let mut renewed = false;
    loop {
        let page = match kinesis.get_records().shard_iterator(&iterator).send().await {
            Ok(page) => page,
            Err(error)
                if !renewed
                    && error
                        .as_service_error()
                        .is_some_and(|error| error.is_expired_iterator_exception()) =>
            {
                renewed = true;
                iterator = iterator_after(kinesis, stream, shard_id, last.as_deref()).await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };

        for record in page.records() {
            handle(record);
            last = Some(record.sequence_number().to_owned());
        }
        let Some(next) = page.next_shard_iterator() else {
            return Ok(End::Closed {
                children: page
                    .child_shards()
                    .iter()
                    .map(|child| child.shard_id().to_owned())
                    .collect(),
            });
        };
        if page.records().is_empty() && page.millis_behind_latest() == Some(0) {
            return Ok(End::CaughtUp);
        }
        iterator = next.to_owned();
    }
}
