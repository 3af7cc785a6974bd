//! The streams and tables of one run, as the lab sets them up and looks at them afterwards.

use crate::backend::{Backend, BackendError, Fidelity, Kind, Names, NoAnswer};
use crate::request::{Request, Response, Service};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// An item as the protocol writes it: attribute name to typed value, `{"balance": {"N": "100"}}`.
pub type Item = Map<String, Value>;

/// Streams and tables that belong to one run alone.
///
/// Names here are the lesson's: `account-balances`. On a shared backend the real ones carry a prefix.
pub struct World {
    backend: Backend,
    fidelity: Fidelity,
    /// Tables and streams to delete afterwards.
    made: Mutex<Vec<(Service, String)>>,
    /// Every request that may have changed a table, in order: what a stale read is made from.
    history: Mutex<Vec<Request>>,
    /// Where in their streams the lab's own records are.
    sequence_numbers: Mutex<BTreeMap<String, Vec<String>>>,
    /// The most records that a `GetRecords` returns.
    page: OnceLock<u32>,
}

impl World {
    /// Opens an empty world on a backend.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub async fn open(kind: Kind) -> Result<Self, BackendError> {
        Ok(World::on(Backend::open(kind, Names::Fresh).await?))
    }

    /// Opens the world that programs on one backend share: what one leaves, the next one finds.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub async fn open_shared(kind: Kind) -> Result<Self, BackendError> {
        Ok(World::on(Backend::open(kind, Names::Shared).await?))
    }

    fn on(backend: Backend) -> Self {
        World {
            backend,
            fidelity: Fidelity::default(),
            made: Mutex::default(),
            history: Mutex::default(),
            sequence_numbers: Mutex::default(),
            page: OnceLock::new(),
        }
    }

    /// Whether a stream or table is there.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn exists(&self, service: Service, name: &str) -> Result<bool, BackendError> {
        match self.describe(service, name).await {
            Ok(_) => Ok(true),
            Err(BackendError::Refused { reason, .. }) if reason.starts_with("ResourceNotFound") => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until a stream or table that somebody is creating can be used.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn wait_until_usable(
        &self,
        service: Service,
        name: &str,
    ) -> Result<(), BackendError> {
        let mut pause = Duration::from_millis(1);
        // AWS makes streams and tables in the background; so do the emulators, if faster.
        for look in 0..48 {
            let described = self.describe(service, name).await?;
            if described.body.pointer(status(service)) == Some(&json!("ACTIVE")) {
                return Ok(());
            }
            if look < 8 {
                // An emulator in this process needs no time, only a turn.
                tokio::task::yield_now().await;
                continue;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        Err(BackendError::Refused {
            backend: self.backend.kind().name(),
            operation: description(service).to_owned(),
            resource: name.to_owned(),
            reason: "it did not become ACTIVE within three minutes".to_owned(),
        })
    }

    async fn describe(&self, service: Service, name: &str) -> Result<Response, BackendError> {
        let body = json!({ name_key(service): self.name(name) });
        self.ask(service, description(service), name, body).await
    }

    /// Waits until a stream or table that is being deleted has gone, and its name is free again.
    ///
    /// # Errors
    /// The backend refuses, does not answer, or needs more than three minutes.
    pub async fn wait_until_gone(&self, service: Service, name: &str) -> Result<(), BackendError> {
        let mut pause = Duration::from_millis(1);
        for _ in 0..48 {
            if !self.exists(service, name).await? {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        Err(BackendError::Refused {
            backend: self.backend.kind().name(),
            operation: "Delete".to_owned(),
            resource: name.to_owned(),
            reason: "it had not gone after three minutes".to_owned(),
        })
    }

    /// Deletes a stream or table.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn delete(&self, service: Service, name: &str) -> Result<(), BackendError> {
        let operation = match service {
            Service::Kinesis => "DeleteStream",
            Service::DynamoDb => "DeleteTable",
        };
        let body = json!({ name_key(service): self.name(name) });
        self.ask(service, operation, name, body).await.map(drop)
    }

    /// Removes every item of a table whose key is the string attribute `key`.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn empty_table(&self, table: &str, key: &str) -> Result<(), BackendError> {
        for item in self.items(table).await? {
            let body = json!({ "TableName": self.name(table), "Key": { key: item.get(key) } });
            self.ask(Service::DynamoDb, "DeleteItem", table, body)
                .await?;
        }
        Ok(())
    }

    /// The full name of a stream or table.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.backend.prefix())
    }

    /// A resource's name in the lesson.
    pub(crate) fn short_name<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(self.backend.prefix()).unwrap_or(name)
    }

    /// Answers a request as AWS would.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        if request.writes_items() || request.operation == "CreateTable" {
            self.history
                .lock()
                .expect("no panic under this lock")
                .push(request.clone());
        }
        let answer = match self.short_page(request) {
            Some(request) => self.fidelity.answer(&self.backend, &request).await,
            None => self.fidelity.answer(&self.backend, request).await,
        };
        // Without an answer it may be there all the same.
        if let Some(made) = self.makes(request)
            && answer.as_ref().map_or(true, Response::is_ok)
        {
            self.made
                .lock()
                .expect("no panic under this lock")
                .push(made);
        }
        answer
    }

    /// A `GetRecords` that asks for no more than a page may hold, where pages are limited.
    fn short_page(&self, request: &Request) -> Option<Request> {
        let page = self.page.get()?;
        if request.operation != "GetRecords" {
            return None;
        }
        let limit = request.body["Limit"].as_u64().unwrap_or(u64::MAX);
        let mut request = request.clone();
        request.body["Limit"] = json!(limit.min(u64::from(*page)));
        Some(request)
    }

    /// Limits pages from now on.
    pub(crate) fn limit_pages(&self, records: u32) {
        // A world is set up once.
        let _ = self.page.set(records);
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

    /// The stream or table that a request makes, whoever sends it.
    fn makes(&self, request: &Request) -> Option<(Service, String)> {
        if !matches!(request.operation.as_str(), "CreateTable" | "CreateStream") {
            return None;
        }
        let name = request.body[name_key(request.service)].as_str()?;
        Some((request.service, self.short_name(name).to_owned()))
    }

    /// What an eventually consistent read may still see: its answer before the last write that changed it.
    ///
    /// `None` where no write ever changed it. No emulator has stale reads, so the lab applies the
    /// run's writes again, one by one, to an empty database, and reads after each.
    pub(crate) async fn stale_answer(&self, read: &Request) -> Result<Option<Response>, NoAnswer> {
        let history = self
            .history
            .lock()
            .expect("no panic under this lock")
            .clone();
        let replica = Backend::open(Kind::Embedded, Names::Fresh)
            .await
            .map_err(|error| NoAnswer(error.to_string()))?;
        let (mut before, mut now) = (None, None);
        for write in &history {
            // Repaired like the first time: else the replica would apply what was refused.
            Fidelity::default().answer(&replica, write).await?;
            let answer = replica.answer(read).await?;
            // While a table is missing there is nothing to read yet.
            if answer.is_ok() && now.as_ref() != Some(&answer) {
                before = now.replace(answer);
            }
        }
        Ok(before)
    }

    /// Creates a table whose key is one string, and waits until it can be used.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn create_table(&self, table: &str, key: &str) -> Result<(), BackendError> {
        let name = self.name(table);
        let created = self
            .ask(
                Service::DynamoDb,
                "CreateTable",
                table,
                json!({
                    "TableName": name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{ "AttributeName": key, "AttributeType": "S" }],
                    "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
                }),
            )
            .await?;
        if created.body.pointer("/TableDescription/TableStatus") == Some(&json!("ACTIVE")) {
            return Ok(());
        }
        self.wait_until_usable(Service::DynamoDb, table).await
    }

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

    /// Writes items, whatever was there.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn put_items(&self, table: &str, items: &[Item]) -> Result<(), BackendError> {
        // At most 25 items a call. What AWS does not take at once it wants again.
        for chunk in items.chunks(25) {
            let puts: Vec<_> = chunk
                .iter()
                .map(|item| json!({ "PutRequest": { "Item": item } }))
                .collect();
            let mut requests = json!({ self.name(table): puts });
            while requests
                .as_object()
                .is_some_and(|tables| !tables.is_empty())
            {
                let body = json!({ "RequestItems": requests });
                let mut response = self
                    .ask(Service::DynamoDb, "BatchWriteItem", table, body)
                    .await?;
                requests = response.body["UnprocessedItems"].take();
            }
        }
        Ok(())
    }

    /// Writes an item unless one with its `key` is there.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn put_item_if_absent(
        &self,
        table: &str,
        key: &str,
        item: &Item,
    ) -> Result<(), BackendError> {
        let body = json!({
            "TableName": self.name(table),
            "Item": item,
            "ConditionExpression": format!("attribute_not_exists({key})"),
        });
        match self.ask(Service::DynamoDb, "PutItem", table, body).await {
            Err(BackendError::Refused { reason, .. })
                if reason.starts_with("ConditionalCheckFailed") =>
            {
                Ok(())
            }
            result => result.map(drop),
        }
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
                self.sequence_numbers
                    .lock()
                    .expect("no panic under this lock")
                    .entry(stream.to_owned())
                    .or_default()
                    .push(sequence_number.to_owned());
            }
        }
        Ok(())
    }

    /// The sequence numbers of the records that [`World::put_records`] has put, for each stream in their order.
    pub(crate) fn sequence_numbers(&self) -> BTreeMap<String, Vec<String>> {
        self.sequence_numbers
            .lock()
            .expect("no panic under this lock")
            .clone()
    }

    /// Every record of a stream's first shard, oldest first: partition key and data of each.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn records(&self, stream: &str) -> Result<Vec<(String, Vec<u8>)>, BackendError> {
        let body = json!({
            "StreamName": self.name(stream),
            "ShardId": "shardId-000000000000",
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
            for record in page.body["Records"].as_array().into_iter().flatten() {
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

    /// Every item of a table, read consistently, in the order of its key.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn items(&self, table: &str) -> Result<Vec<Item>, BackendError> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": self.name(table), "ConsistentRead": true });
        loop {
            let mut page = self
                .ask(Service::DynamoDb, "Scan", table, scan.clone())
                .await?;
            if let Value::Array(page) = page.body["Items"].take() {
                items.extend(page.into_iter().filter_map(|item| match item {
                    Value::Object(item) => Some(item),
                    _ => None,
                }));
            }
            match page.body["LastEvaluatedKey"].take() {
                Value::Null => break,
                key => scan["ExclusiveStartKey"] = key,
            }
        }
        items.sort_by_key(|item| Value::Object(item.clone()).to_string());
        Ok(items)
    }

    /// Deletes what was made in this world. An emulator in this process just goes away.
    ///
    /// # Errors
    /// The names of what could not be deleted; everything else is.
    pub async fn close(&self) -> Result<(), BackendError> {
        if self.backend.kind() == Kind::Embedded {
            return Ok(());
        }
        let made = std::mem::take(&mut *self.made.lock().expect("no panic under this lock"));
        let mut left = Vec::new();
        for (service, name) in made {
            match self.delete(service, &name).await {
                Ok(()) => {}
                Err(BackendError::Refused { reason, .. })
                    if reason.starts_with("ResourceNotFound") => {}
                Err(BackendError::Refused { reason, .. }) => {
                    left.push(format!("{} ({reason})", self.name(&name)));
                }
                Err(error) => left.push(format!("{} ({error})", self.name(&name))),
            }
        }
        match left.is_empty() {
            true => Ok(()),
            false => Err(BackendError::LeftBehind {
                backend: self.backend.kind().name(),
                names: left.join(", "),
            }),
        }
    }

    /// A request of the lab's own, which must succeed.
    pub(crate) async fn ask(
        &self,
        service: Service,
        operation: &str,
        resource: &str,
        body: Value,
    ) -> Result<Response, BackendError> {
        let request = Request::new(service, operation, body);
        let refused = |reason| BackendError::Refused {
            backend: self.backend.kind().name(),
            operation: operation.to_owned(),
            resource: resource.to_owned(),
            reason,
        };
        match self.answer(&request).await {
            Ok(response) if response.is_ok() => Ok(response),
            Ok(response) => Err(refused(format!(
                "{}: {}",
                response.error_code().unwrap_or_default(),
                response.error_message()
            ))),
            Err(error) => Err(refused(error.to_string())),
        }
    }
}

/// The parameter that names a stream or table.
fn name_key(service: Service) -> &'static str {
    match service {
        Service::Kinesis => "StreamName",
        Service::DynamoDb => "TableName",
    }
}

/// The operation that describes a stream or table.
fn description(service: Service) -> &'static str {
    match service {
        Service::Kinesis => "DescribeStreamSummary",
        Service::DynamoDb => "DescribeTable",
    }
}

/// Where in its description its status stands.
fn status(service: Service) -> &'static str {
    match service {
        Service::Kinesis => "/StreamDescriptionSummary/StreamStatus",
        Service::DynamoDb => "/Table/TableStatus",
    }
}
