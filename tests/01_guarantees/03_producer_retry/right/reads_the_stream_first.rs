//! Looks what is on the stream already, and sends the others one after another.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::ShardIteratorType;
use serde_json::{Value, json};
use std::collections::HashSet;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    let there = ids(kinesis, stream).await?;
    for payment in payments {
        if there.contains(&id(payment)) {
            continue;
        }
        kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(payment))
            .send()
            .await?;
    }
    Ok(())
}

fn id(payment: &Payment) -> String {
    format!("row-{}", payment.row)
}

async fn ids(kinesis: &Client, stream: &str) -> Result<HashSet<String>, Error> {
    let mut ids = HashSet::new();
    let shards = kinesis.list_shards().stream_name(stream).send().await?;
    for shard in shards.shards() {
        let start = kinesis
            .get_shard_iterator()
            .stream_name(stream)
            .shard_id(shard.shard_id())
            .shard_iterator_type(ShardIteratorType::TrimHorizon)
            .send()
            .await?;
        let mut next = start.shard_iterator;
        while let Some(iterator) = next.take() {
            let page = kinesis
                .get_records()
                .shard_iterator(iterator)
                .send()
                .await?;
            for record in page.records() {
                let record: Value = serde_json::from_slice(record.data().as_ref())?;
                ids.extend(record["eventId"].as_str().map(str::to_owned));
            }
            if page.millis_behind_latest() != Some(0) {
                next = page.next_shard_iterator;
            }
        }
    }
    Ok(ids)
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": id(payment),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
