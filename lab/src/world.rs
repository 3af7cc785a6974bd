//! The streams and tables of one run, as the lab sets them up and looks at them afterwards.

mod streams;
mod tables;

use crate::backend::{
    Backend, BackendError, Fidelity, Kind, Names, NoAnswer, Recall, TableState, interrupted,
};
use crate::locked::locked;
use crate::request::{Request, Response, Service};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// An item as the protocol writes it: attribute name to typed value, `{"balance": {"N": "100"}}`.
pub type Item = Map<String, Value>;

/// The items of a table at some moment, in the order of their keys. Runs that saw the same ones share them.
pub type Items = Arc<[Item]>;

/// An item from its literal.
///
/// # Panics
/// If the literal is no JSON object.
pub fn item(literal: Value) -> Item {
    match literal {
        Value::Object(item) => item,
        other => panic!("an item is an object, and this is none: {other}"),
    }
}

/// The most that one answer returns, where it is limited.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pages {
    /// Of `GetRecords`.
    pub(crate) records: Option<u32>,
    /// Of a query or a scan.
    pub(crate) items: Option<u32>,
}

/// Streams and tables that belong to one run alone.
///
/// Names here are the lesson's: `account-balances`. On a shared backend the real ones carry a prefix.
pub struct World {
    backend: Backend,
    /// Whether what is made here outlives this process, and is nobody else's.
    is_ours_elsewhere: bool,
    fidelity: Fidelity,
    /// Tables and streams to delete afterwards.
    made: Mutex<Vec<(Service, String)>>,
    /// The partition key of each table that it made, by the table's full name.
    keys: Mutex<BTreeMap<String, String>>,
    /// Every request that may have changed a table, in order: what a stale read is made from.
    history: Mutex<Vec<Arc<Request>>>,
    /// How many of these were made so long ago that every read sees them.
    settled: AtomicUsize,
    /// Where in their streams the lab's own records are.
    sequence_numbers: Mutex<BTreeMap<String, Vec<String>>>,
    /// The most that a `GetRecords` returns, and the most that a query or a scan returns.
    pages: OnceLock<Pages>,
}

impl World {
    /// Opens an empty world on a backend.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub async fn open(kind: Kind) -> Result<Self, BackendError> {
        Ok(World::on(
            Backend::open(kind, Names::Fresh).await?,
            kind != Kind::Embedded,
        ))
    }

    /// Opens the world that programs on one backend share: what one leaves, the next one finds.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub async fn open_shared(kind: Kind) -> Result<Self, BackendError> {
        Ok(World::on(Backend::open(kind, Names::Shared).await?, false))
    }

    fn on(backend: Backend, is_ours_elsewhere: bool) -> Self {
        World {
            backend,
            is_ours_elsewhere,
            fidelity: Fidelity::default(),
            made: Mutex::default(),
            keys: Mutex::default(),
            history: Mutex::default(),
            settled: AtomicUsize::default(),
            sequence_numbers: Mutex::default(),
            pages: OnceLock::new(),
        }
    }

    /// Lets many runs begin in this world as it is now: see [`World::again`]. Only the embedded backend can.
    pub(crate) fn remembering(self) -> Self {
        let backend = match self.backend {
            Backend::Embedded(embedded) => {
                Backend::Recall(Recall::of(embedded, locked(&self.history).clone()))
            }
            other => other,
        };
        World { backend, ..self }
    }

    /// The world as it was made, for one more run; `None` where it cannot be had again.
    pub(crate) fn again(&self) -> Option<Self> {
        let Backend::Recall(recall) = &self.backend else {
            return None;
        };
        (recall.is_as_made()).then(|| World {
            keys: Mutex::new(locked(&self.keys).clone()),
            history: Mutex::new(locked(&self.history).clone()),
            settled: AtomicUsize::new(self.settled.load(Ordering::Relaxed)),
            sequence_numbers: Mutex::new(self.sequence_numbers()),
            pages: self.pages.clone(),
            // Who makes streams and tables only has asked nothing yet that would have to be repaired later.
            ..World::on(Backend::Recall(recall.again()), self.is_ours_elsewhere)
        })
    }

    /// Whether the streams are still as they were made: a run that shares them may have written there.
    pub(crate) fn is_as_made(&self) -> bool {
        match &self.backend {
            Backend::Recall(recall) => recall.is_as_made(),
            _ => true,
        }
    }

    /// The state of the tables, where it can be told.
    pub(crate) fn tables(&self) -> Option<TableState> {
        match &self.backend {
            Backend::Recall(recall) if self.fidelity.is_at_rest() => Some(recall.tables()),
            _ => None,
        }
    }

    /// Brings the tables into a state in which another run has left them.
    pub(crate) fn go_to(&self, tables: TableState) {
        if let Backend::Recall(recall) = &self.backend {
            recall.go_to(tables);
        }
    }

    /// What an earlier run has seen in a table whose tables were in the same state.
    fn known_items(&self, table: &str) -> Option<Items> {
        match &self.backend {
            Backend::Recall(recall) => recall.items(table),
            _ => None,
        }
    }

    /// Remembers what is in a table, for runs whose tables come into the same state.
    fn remember_items(&self, table: &str, items: &Items) {
        if let Backend::Recall(recall) = &self.backend {
            recall.remember_items(table, items.clone());
        }
    }

    /// Whether it is time to make it anew: iterators in it are about to expire.
    pub(crate) fn is_old(&self) -> bool {
        match &self.backend {
            Backend::Recall(recall) => recall.is_old(),
            _ => false,
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
        let deletion = Request::deletion(service, &self.name(name));
        self.ask_for(&deletion, name).await?;
        interrupted::is_gone(service, &self.name(name));
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

    /// Remembers the partition key of a table, by the table's full name.
    fn remember_key(&self, table: &str, key: &str) {
        locked(&self.keys).insert(table.to_owned(), key.to_owned());
    }

    /// The items that a request names in a table, by the table's full name: `evt_1`, or `shard 0` for the id of a shard. Of
    /// what it puts on a stream, the partition keys.
    pub(crate) fn keys_in(&self, request: &Request, table: &str) -> Vec<String> {
        if request.service == Service::Kinesis {
            return request.partition_keys().map(str::to_owned).collect();
        }
        let keys = locked(&self.keys);
        let key = keys.get(table).map(String::as_str);
        let named = key.map(|key| request.keys(table, key)).unwrap_or_default();
        named
            .into_iter()
            .map(|key| {
                let shard = key
                    .strip_prefix("shardId-")
                    .and_then(|id| id.parse::<u64>().ok());
                shard.map_or_else(|| key.to_owned(), |shard| format!("shard {shard}"))
            })
            .collect()
    }

    /// Answers a request as AWS would.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        if request.writes_items() || request.operation == "CreateTable" {
            locked(&self.history).push(Arc::new(request.clone()));
        }
        if self.is_ours_elsewhere {
            interrupted::stop().await;
            if let Some((service, name)) = self.makes(request) {
                interrupted::is_made(self.backend.kind(), service, &self.name(&name));
            }
        }
        let answer = match self.short_page(request) {
            Some(request) => self.fidelity.answer(&self.backend, &request).await,
            None => self.fidelity.answer(&self.backend, request).await,
        };
        // Without an answer it may be there all the same.
        if let Some(made) = self.makes(request)
            && answer.as_ref().map_or(true, Response::is_ok)
        {
            locked(&self.made).push(made);
        }
        answer
    }

    /// A read that asks for no more than a page may hold, where pages are limited.
    fn short_page(&self, request: &Request) -> Option<Request> {
        let pages = self.pages.get()?;
        // The lab itself reads whole tables.
        let is_ours = request.call.invocation_id.is_empty();
        let most = match request.operation.as_str() {
            "GetRecords" => pages.records,
            "Query" => pages.items,
            "Scan" if !is_ours => pages.items,
            "ExecuteStatement" if !request.writes_items() => pages.items,
            _ => None,
        }?;
        let goes_on = ["ExclusiveStartKey", "NextToken"]
            .iter()
            .any(|from| !request.body[from].is_null());
        // Pages of items are of no fixed length: whoever takes a short one for the last one is wrong.
        let most = match goes_on && request.service == Service::DynamoDb {
            true => most.div_ceil(2),
            false => most,
        };
        Some(request.limited_to(u64::from(most)))
    }

    /// Limits pages from now on.
    pub(crate) fn limit_pages(&self, pages: Pages) {
        // A world is set up once.
        let _ = self.pages.set(pages);
    }

    /// The stream or table that a request makes, whoever sends it.
    fn makes(&self, request: &Request) -> Option<(Service, String)> {
        if !matches!(request.operation.as_str(), "CreateTable" | "CreateStream") {
            return None;
        }
        let name = request.body[name_key(request.service)].as_str()?;
        Some((request.service, self.short_name(name).to_owned()))
    }

    /// A transaction that is cancelled because of its action `culprit`: `code` and `message` are the reason. Each other
    /// action has the reason that it would have had anyway.
    pub(crate) async fn cancelled(
        &self,
        request: &Request,
        culprit: usize,
        code: &str,
        message: &str,
    ) -> Result<Response, NoAnswer> {
        let mut reasons = self.fidelity.reasons(&self.backend, request).await?;
        if let Some(reason) = reasons.get_mut(culprit) {
            *reason = json!({ "Code": code, "Message": message });
        }
        Ok(Response::cancelled_because(reasons))
    }

    /// Whatever is there now has been there for long: no read misses it any more.
    pub(crate) fn settle(&self) {
        let written = locked(&self.history).len();
        self.settled.store(written, Ordering::Relaxed);
    }

    /// What an eventually consistent read may still see: its answer before the last write that changed it.
    ///
    /// `None` where no write ever changed it. No emulator has stale reads, so the lab applies the
    /// run's writes again, one by one, and reads after each: to tables as they were made, or, where nothing is remembered,
    /// to an empty database, from the first write on.
    pub(crate) async fn stale_answer(&self, read: &Request) -> Result<Option<Response>, NoAnswer> {
        let history = locked(&self.history).clone();
        let settled = self.settled.load(Ordering::Relaxed);
        let (replica, applied) = match &self.backend {
            Backend::Recall(recall) => (Backend::Recall(recall.again()), settled),
            _ => {
                let empty = Backend::open(Kind::Embedded, Names::Fresh).await;
                (empty.map_err(|error| NoAnswer(error.to_string()))?, 0)
            }
        };
        let short = self.short_page(read);
        let read = short.as_ref().unwrap_or(read);
        let (mut before, mut now) = (None, None);
        for writes in applied..=history.len() {
            if writes > applied {
                // Repaired like the first time: else the replica would apply what was refused.
                let write = &history[writes - 1];
                Fidelity::default().answer(&replica, write).await?;
            }
            if writes < settled {
                continue;
            }
            let answer = replica.answer(read).await?;
            // While a table is missing there is nothing to read yet.
            if answer.is_ok() && now.as_ref() != Some(&answer) {
                before = now.replace(answer);
            }
        }
        Ok(before)
    }

    /// Deletes what was made in this world. An emulator in this process just goes away.
    ///
    /// # Errors
    /// The names of what could not be deleted; everything else is.
    pub async fn close(&self) -> Result<(), BackendError> {
        if self.backend.kind() == Kind::Embedded {
            return Ok(());
        }
        let made = std::mem::take(&mut *locked(&self.made));
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
        self.ask_for(&Request::new(service, operation, body), resource)
            .await
    }

    async fn ask_for(&self, request: &Request, resource: &str) -> Result<Response, BackendError> {
        let refused = |reason| BackendError::Refused {
            backend: self.backend.kind().name(),
            operation: request.operation.clone(),
            resource: resource.to_owned(),
            reason,
        };
        match self.answer(request).await {
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
