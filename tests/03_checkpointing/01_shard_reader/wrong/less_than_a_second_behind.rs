//! expect: LOST after no-fault
//!
//! Less than a second behind is near enough for it: a record may lie in there.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    CaughtUp,
    Closed { children: Vec<String> },
}

async fn iterator(
    k: &Client,
    stream: &str,
    shard: &str,
    pos: Option<&str>,
) -> Result<String, Error> {
    let i = k.get_shard_iterator().stream_name(stream).shard_id(shard);
    let i = match pos {
        None => i.shard_iterator_type(ShardIteratorType::TrimHorizon),
        Some(p) => i
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(p),
    };
    i.send()
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
    let mut at = position.map(str::to_owned);
    let mut it = iterator(kinesis, stream, shard_id, at.as_deref()).await?;
    loop {
        let page = match kinesis.get_records().shard_iterator(&it).send().await {
            Ok(p) => p,
            Err(e)
                if e.as_service_error()
                    .is_some_and(|e| e.is_expired_iterator_exception()) =>
            {
                it = iterator(kinesis, stream, shard_id, at.as_deref()).await?;
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        for r in page.records() {
            handle(r);
            at = Some(r.sequence_number.clone());
        }
        match page.next_shard_iterator {
            None => {
                return Ok(End::Closed {
                    children: page
                        .child_shards
                        .unwrap_or_default()
                        .into_iter()
                        .map(|c| c.shard_id)
                        .collect(),
                });
            }
            Some(_) if page.millis_behind_latest.unwrap_or(0) < 1000 => return Ok(End::CaughtUp),
            Some(n) => it = n,
        }
    }
}
