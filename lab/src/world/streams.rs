//! Streams and their records.

use super::World;
use crate::backend::BackendError;
use crate::locked::locked;
use crate::request::{Service, elements};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl World {
    /// Creates a stream, and waits until it can be used.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn create_stream(&self, stream: &str, shards: u32) -> Result<(), BackendError> {
        self.begin_stream(stream, shards).await?;
        self.wait_until_usable(Service::Kinesis, stream).await
    }

    /// Creates a stream, which cannot be used yet.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub(crate) async fn begin_stream(&self, stream: &str, shards: u32) -> Result<(), BackendError> {
        let name = self.name(stream);
        self.ask(
            Service::Kinesis,
            "CreateStream",
            stream,
            json!({ "StreamName": name, "ShardCount": shards }),
        )
        .await
        .map(drop)
    }

    /// Splits a stream's first shard in the middle of its hash keys, and waits until that is done.
    pub(crate) async fn split(&self, stream: &str) -> Result<(), BackendError> {
        let body = json!({
            "StreamName": self.name(stream),
            "ShardToSplit": "shardId-000000000000",
            "NewStartingHashKey": (1_u128 << 127).to_string(),
        });
        self.ask(Service::Kinesis, "SplitShard", stream, body)
            .await?;
        self.wait_until_usable(Service::Kinesis, stream).await
    }

    /// Appends records to a stream, one after another: partition key and data of each.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn put_records(
        &self,
        stream: &str,
        records: &[(String, Vec<u8>)],
    ) -> Result<(), BackendError> {
        // PutRecords would be one call, but it promises no order.
        for (partition_key, data) in records {
            let body = json!({
                "StreamName": self.name(stream),
                "PartitionKey": partition_key,
                "Data": aws_smithy_types::base64::encode(data),
            });
            let put = self
                .ask(Service::Kinesis, "PutRecord", stream, body)
                .await?;
            if let Some(sequence_number) = put.body["SequenceNumber"].as_str() {
                locked(&self.sequence_numbers)
                    .entry(stream.to_owned())
                    .or_default()
                    .push(sequence_number.to_owned());
            }
        }
        Ok(())
    }

    /// The sequence numbers of the records that [`World::put_records`] has put, for each stream in their order.
    pub(crate) fn sequence_numbers(&self) -> BTreeMap<String, Vec<String>> {
        locked(&self.sequence_numbers).clone()
    }

    /// Every record of a stream, shard by shard, and in each oldest first: partition key and data of each.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn records(&self, stream: &str) -> Result<Vec<(String, Vec<u8>)>, BackendError> {
        let body = json!({ "StreamName": self.name(stream) });
        let listed = self
            .ask(Service::Kinesis, "ListShards", stream, body)
            .await?;
        let mut records = Vec::new();
        for shard in elements(&listed.body["Shards"]) {
            records.extend(self.records_of(stream, &shard["ShardId"]).await?);
        }
        Ok(records)
    }

    /// Every record of one shard.
    async fn records_of(
        &self,
        stream: &str,
        shard: &Value,
    ) -> Result<Vec<(String, Vec<u8>)>, BackendError> {
        let body = json!({
            "StreamName": self.name(stream),
            "ShardId": shard,
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let mut answer = self
            .ask(Service::Kinesis, "GetShardIterator", stream, body)
            .await?;
        let mut iterator = answer.body["ShardIterator"].take();
        let mut records = Vec::new();
        while iterator.is_string() {
            let body = json!({ "ShardIterator": iterator });
            let mut page = self
                .ask(Service::Kinesis, "GetRecords", stream, body)
                .await?;
            for record in elements(&page.body["Records"]) {
                let text = |key: &str| record[key].as_str().unwrap_or_default();
                let data = aws_smithy_types::base64::decode(text("Data")).unwrap_or_default();
                records.push((text("PartitionKey").to_owned(), data));
            }
            if page.body["MillisBehindLatest"] == json!(0) {
                break;
            }
            iterator = page.body["NextShardIterator"].take();
        }
        Ok(records)
    }
}
