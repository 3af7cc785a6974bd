//! What a check runs: streams and tables, the work of a worker, and how to judge what is left.

use crate::arrivals::Arrivals;
use crate::audit::{Anomaly, AnomalyKind};
use crate::backend::BackendError;
use crate::fault::Fault;
use crate::life::{Aws, Work};
use crate::request::Service;
use crate::sequence_number::as_number;
use crate::trace::{Entry, Outcome, has_struck};
use crate::world::{Item, Items, Pages, World};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

/// A table, and what is in it when the run begins.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) sort_key: Option<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) watched: bool,
}

/// A stream, and what is in it when the run begins.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) shards: u32,
    /// Partition key and data of each record.
    pub(crate) records: Vec<(String, Vec<u8>)>,
    /// Whether [`Aftermath::records`] is to hold what is in it in the end.
    pub(crate) is_read: bool,
    /// Whether its only shard is split when the records are in it: then it is closed.
    pub(crate) is_closed: bool,
}

/// Begins a worker's work with what it is given.
type StartWork = dyn Fn(Aws) -> Work + Send + Sync;

/// Judges what a run has left behind.
type Audit = dyn Fn(&Aftermath) -> Vec<Anomaly> + Send + Sync;

/// Streams, tables, work and audit.
#[derive(Clone)]
pub struct Scenario {
    pub(crate) tables: Vec<Table>,
    pub(crate) streams: Vec<Stream>,
    /// How many of the only stream's records are there at first, and after each arrival but the last.
    pub(crate) grows: Vec<usize>,
    pub(crate) pages: Pages,
    pub(crate) work: Arc<StartWork>,
    pub(crate) audit: Arc<Audit>,
}

impl Scenario {
    /// A scenario whose workers do `work`. A worker that returns an error is started again, as a process would be.
    pub fn new<F, E>(work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: Display,
    {
        Scenario {
            tables: Vec::new(),
            streams: Vec::new(),
            grows: Vec::new(),
            pages: Pages::default(),
            work: Arc::new(move |aws| {
                let work = work(aws);
                Box::pin(async move { work.await.map_err(|error| error.to_string()) })
            }),
            audit: Arc::new(|_| Vec::new()),
        }
    }

    /// Adds a table whose key is the string attribute `key`.
    pub fn table(self, name: &str, key: &str, items: Vec<Item>) -> Self {
        self.with_table(name, key, items, false)
    }

    /// Adds a table of which [`Aftermath::versions`] keeps each version.
    pub fn watched_table(self, name: &str, key: &str, items: Vec<Item>) -> Self {
        self.with_table(name, key, items, true)
    }

    fn with_table(mut self, name: &str, key: &str, items: Vec<Item>, watched: bool) -> Self {
        self.tables.push(Table {
            name: name.to_owned(),
            key: key.to_owned(),
            sort_key: None,
            items,
            watched,
        });
        self
    }

    /// Adds a table whose items have the string attribute `key` for their partition, and `sort_key` within it.
    pub fn sorted_table(self, name: &str, key: &str, sort_key: &str, items: Vec<Item>) -> Self {
        let mut scenario = self.table(name, key, items);
        if let Some(table) = scenario.tables.last_mut() {
            table.sort_key = Some(sort_key.to_owned());
        }
        scenario
    }

    /// Adds a stream with records: partition key and data of each.
    pub fn stream(mut self, name: &str, shards: u32, records: Vec<(String, Vec<u8>)>) -> Self {
        self.streams.push(Stream {
            name: name.to_owned(),
            shards,
            records,
            is_read: false,
            is_closed: false,
        });
        self
    }

    /// Adds a stream of one shard with records, which is closed: it was split in two.
    pub fn closed_stream(mut self, name: &str, records: Vec<(String, Vec<u8>)>) -> Self {
        self = self.stream(name, 1, records);
        if let Some(stream) = self.streams.last_mut() {
            stream.is_closed = true;
        }
        self
    }

    /// Lets the records of the only stream, which has one shard, arrive step by step: so many are there at first and after
    /// each arrival but the last. More arrive as soon as somebody has read what is there. After each worker that has ended
    /// well another one is started, until as many have ended as there are steps, and one more.
    pub fn grows(mut self, steps: &[usize]) -> Self {
        self.grows = steps.to_vec();
        self
    }

    /// What of the records has arrived when a run begins.
    pub(crate) fn arrivals(&self, world: &World) -> Arrivals {
        if self.grows.is_empty() {
            return Arrivals::default();
        }
        let numbers = world.sequence_numbers().into_values().next();
        Arrivals::new(numbers.unwrap_or_default(), &self.grows)
    }

    /// Lets a `GetRecords` return at most so many records, whatever it asks for, as AWS is free to do.
    pub fn records_a_page(mut self, most: u32) -> Self {
        self.pages.records = Some(most);
        self
    }

    /// Lets a query or a scan return at most so many items, as AWS does for its own reasons: 1 MB is one. Each page after
    /// the first one has at most half as many.
    pub fn items_a_page(mut self, most: u32) -> Self {
        self.pages.items = Some(most);
        self
    }

    /// Adds an empty stream of one shard, for workers to write to. [`Aftermath::records`] has what is in it in the end.
    pub fn output_stream(self, name: &str) -> Self {
        self.output_stream_of(name, 1)
    }

    /// Adds an empty stream of so many shards, for workers to write to. In [`Aftermath::records`] its records stand shard by
    /// shard: one reader may be ahead of another by all of them.
    pub fn output_stream_of(mut self, name: &str, shards: u32) -> Self {
        self.streams.push(Stream {
            name: name.to_owned(),
            shards,
            records: Vec::new(),
            is_read: true,
            is_closed: false,
        });
        self
    }

    /// Judges what a run has left behind.
    pub fn audit(
        mut self,
        audit: impl Fn(&Aftermath) -> Vec<Anomaly> + Send + Sync + 'static,
    ) -> Self {
        self.audit = Arc::new(audit);
        self
    }

    /// Puts everything in its place.
    pub(crate) async fn set_up(&self, world: &World) -> Result<(), BackendError> {
        // A stream takes a while before it can be used; the tables are made meanwhile.
        for stream in &self.streams {
            world.begin_stream(&stream.name, stream.shards).await?;
        }
        for table in &self.tables {
            world
                .create_table_with(&table.name, &table.key, table.sort_key.as_deref())
                .await?;
            world.put_items(&table.name, &table.items).await?;
        }
        for stream in &self.streams {
            world
                .wait_until_usable(Service::Kinesis, &stream.name)
                .await?;
            world.put_records(&stream.name, &stream.records).await?;
            if stream.is_closed {
                world.split(&stream.name).await?;
            }
        }
        world.limit_pages(self.pages);
        world.settle();
        Ok(())
    }
}

/// A watched table at a moment.
#[derive(Clone, Debug)]
pub struct Version {
    /// Counts the writes that changed any watched table: what one write changes has the same number.
    pub moment: u32,
    /// How many attempts had been made by then, that of this write included.
    pub attempts: usize,
    /// The table.
    pub table: String,
    /// Its items.
    pub items: Items,
}

/// What a run has left behind.
#[derive(Clone, Debug, Default)]
pub struct Aftermath {
    /// Whether a worker returned without an error in the end.
    pub ended: bool,
    /// Each table's items.
    pub tables: BTreeMap<String, Items>,
    /// What is in each output stream, oldest first: partition key and data of each record.
    pub records: BTreeMap<String, Vec<(String, Vec<u8>)>>,
    /// Each version that a watched table has had, oldest first.
    pub versions: Vec<Version>,
    /// The sequence numbers of each stream's first records, in their order.
    pub sequence_numbers: BTreeMap<String, Vec<String>>,
    /// How often more records arrived.
    pub grew: usize,
    /// What the driver wrote down, and in which life.
    pub notes: Vec<(u32, String)>,
    /// Every attempt.
    pub trace: Vec<Entry>,
}

impl Aftermath {
    /// What a check's driver notes when the code under test has returned without an error: see
    /// [`Aftermath::ended_too_early`].
    pub const ENDED: &str = "ended";

    /// Whether nothing failed: no fault, and one worker, or one after each arrival.
    pub fn is_plain(&self) -> bool {
        self.trace
            .iter()
            .all(|entry| entry.life as usize <= 1 + self.grew && entry.struck.is_none())
    }

    /// Whether a fault struck one of its attempts.
    pub fn has_struck(&self, fault: Fault) -> bool {
        has_struck(&self.trace, fault)
    }

    /// Whether a worker has taken a page of a query or a scan for the last one, and it was not.
    pub fn left_pages(&self) -> bool {
        let mut reads = self
            .trace
            .chunk_by(|one, next| (one.life, &one.operation) == (next.life, &next.operation));
        reads.any(|pages| pages[pages.len() - 1].outcome == Outcome::Page)
    }

    /// The items of a table.
    pub fn items(&self, table: &str) -> &[Item] {
        self.tables.get(table).map_or(&[], |items| items)
    }

    /// The first step back in a watched table of checkpoints: `shardId`, and `sequenceNumber`, text of digits.
    pub fn checkpoint_moved_back(&self, table: &str) -> Option<Anomaly> {
        let versions: Vec<_> = self
            .versions
            .iter()
            .filter(|version| version.table == table)
            .collect();
        versions.windows(2).find_map(|pair| {
            let [before, after] = pair else {
                return None;
            };
            before.items.iter().find_map(|old| {
                let shard = Aftermath::text(old, "shardId")?;
                let new = after
                    .items
                    .iter()
                    .find(|new| Aftermath::text(new, "shardId") == Some(shard))?;
                let position = |item| Aftermath::text(item, "sequenceNumber").map(as_number);
                (position(new) < position(old)).then(|| {
                    let what = format!("the checkpoint of {shard} moved back to an earlier record");
                    Anomaly::new(AnomalyKind::Regressed, what)
                })
            })
        })
    }

    /// All watched tables after each write that changed one of them. What one write changes, changes at one moment.
    ///
    /// A table that nobody has written to yet is missing.
    pub fn moments(&self) -> Vec<BTreeMap<&str, &[Item]>> {
        let mut moments = Vec::new();
        let mut tables = BTreeMap::new();
        for (index, version) in self.versions.iter().enumerate() {
            tables.insert(version.table.as_str(), &*version.items);
            let next = self.versions.get(index + 1);
            if next.is_none_or(|next| next.moment != version.moment) {
                moments.push(tables.clone());
            }
        }
        moments
    }

    /// How many of a stream's first records are done, by the checkpoint of `shard` among `checkpoints`: none where it has
    /// no `sequenceNumber`, a text.
    ///
    /// # Errors
    /// The checkpoint is no record's sequence number.
    pub fn records_done(
        &self,
        stream: &str,
        shard: &str,
        checkpoints: &[Item],
    ) -> Result<usize, Anomaly> {
        let checkpoint = checkpoints
            .iter()
            .find(|item| Aftermath::text(item, "shardId") == Some(shard));
        let position = checkpoint.and_then(|item| Aftermath::text(item, "sequenceNumber"));
        let Some(position) = position else {
            return Ok(0);
        };
        let known = self.sequence_numbers.get(stream);
        let at = known.and_then(|known| known.iter().position(|known| known == position));
        at.map(|at| at + 1).ok_or_else(|| {
            let what = format!("the position of {shard} is `{position}`, which is no record's");
            Anomaly::new(AnomalyKind::Corrupt, what)
        })
    }

    /// The first worker that ended well while, by the watched table `checkpoints`, not all of a stream's records were done.
    ///
    /// Its driver has noted [`Aftermath::ENDED`]. A zombie's calls are not in the order of time, so nothing is said of it.
    pub fn ended_too_early(&self, stream: &str, shard: &str, checkpoints: &str) -> Option<Anomaly> {
        if self.has_struck(Fault::Zombie) {
            return None;
        }
        let all = self.sequence_numbers.get(stream)?.len();
        // What had arrived before the last worker is not told here.
        let last = self.trace.last()?.life;
        let is_asked = |life: &u32| self.grew == 0 || *life == last;
        let ended = self.notes.iter().filter(|(_, note)| note == Self::ENDED);
        ended.map(|(life, _)| *life).filter(is_asked).find_map(|life| {
            let call = 1 + self.trace.iter().rposition(|entry| entry.life == life)?;
            let mut versions = self.versions.iter().rev();
            let found = versions
                .find(|version| version.table == checkpoints && version.attempts <= call);
            let items = found.map_or(&[][..], |version| &version.items);
            let done = self.records_done(stream, shard, items).ok()?;
            (done < all).then(|| {
                let what = format!(
                    "worker {life} ended well after call {call}, and the position was after record {done} of {all}"
                );
                Anomaly::new(AnomalyKind::Stuck, what).because(
                    "who ends well is not started again, and the worker that has moved the position may die: end with an error",
                )
            })
        })
    }

    /// A string attribute of an item.
    pub fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
        item.get(attribute)?["S"].as_str()
    }

    /// A number attribute of an item, if it is a whole number.
    pub fn number(item: &Item, attribute: &str) -> Option<i64> {
        item.get(attribute)?["N"].as_str()?.parse().ok()
    }
}
