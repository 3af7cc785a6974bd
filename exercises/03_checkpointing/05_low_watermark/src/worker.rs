//! The parts of a worker: read, handle, save. All given; there is nothing to change here.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Whatever went wrong: the worker ends with it, and another one is started.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A worker of one shard. Its clones are the same worker: a task of its own may have one.
#[derive(Clone, Debug)]
pub struct Worker {
    dynamodb: Client,
    /// The table of what was handled: `eventId`.
    handled_events: String,
    /// The table of positions: `shardId`, `sequenceNumber`.
    checkpoints: String,
    shard: Arc<[Record]>,
    flight: Arc<Flight>,
}

/// A record of the shard.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard: it grows from record to record, with gaps.
    pub sequence_number: u64,
    /// `evt_1`
    pub event_id: String,
    /// How long it takes to handle.
    pub takes: Duration,
    /// Whether it can be handled at all.
    pub is_broken: bool,
}

/// How many records are being handled.
#[derive(Debug, Default)]
struct Flight {
    now: AtomicUsize,
    most: AtomicUsize,
    begun: Mutex<Begun>,
}

/// Which records were begun.
#[derive(Debug, Default)]
struct Begun {
    /// Their sequence numbers.
    records: BTreeSet<u64>,
    /// The first one that was begun before another one in front of it.
    too_early: Option<String>,
    /// The last one, in the order of the shard.
    furthest: Option<String>,
}

/// Counts a record as long as it is being handled, however that ends.
struct Boarded<'a>(&'a Flight);

impl<'a> Boarded<'a> {
    fn new(flight: &'a Flight, record: &Record) -> Self {
        let mut begun = flight.begun.lock().expect("no panic under this lock");
        let furthest = begun.records.last().copied();
        // A record may be begun once more after it has failed.
        if begun.records.insert(record.sequence_number) {
            match furthest {
                Some(furthest) if furthest > record.sequence_number => {
                    begun.too_early = begun.too_early.take().or(begun.furthest.clone());
                }
                _ => begun.furthest = Some(record.event_id.clone()),
            }
        }
        let now = flight.now.fetch_add(1, Ordering::Relaxed) + 1;
        flight.most.fetch_max(now, Ordering::Relaxed);
        Boarded(flight)
    }
}

impl Drop for Boarded<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

const SHARD: &str = "shardId-000000000000";

impl Worker {
    /// A worker of a shard with these records, and the full names of its tables.
    pub fn new(
        dynamodb: Client,
        handled_events: String,
        checkpoints: String,
        shard: &[Record],
    ) -> Self {
        Worker {
            dynamodb,
            handled_events,
            checkpoints,
            shard: shard.into(),
            flight: Arc::default(),
        }
    }

    /// Reads what comes after the saved position, oldest first: everything where nothing was saved.
    ///
    /// # Errors
    /// AWS did not answer, or refused.
    pub async fn read(&self) -> Result<Vec<Record>, Error> {
        let checkpoint = self
            .dynamodb
            .get_item()
            .table_name(&self.checkpoints)
            .key("shardId", AttributeValue::S(SHARD.to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        let position: u64 = match checkpoint
            .item()
            .and_then(|item| item.get("sequenceNumber"))
        {
            Some(AttributeValue::S(position)) => position.parse()?,
            _ => 0,
        };
        let records = self.shard.iter();
        Ok(records
            .filter(|record| record.sequence_number > position)
            .cloned()
            .collect())
    }

    /// Handles a record, which takes as long as it says. To do so twice changes nothing.
    ///
    /// # Errors
    /// The record is broken, or AWS did not answer, or refused. Then nobody knows whether it was handled.
    pub async fn handle(&self, record: &Record) -> Result<(), Error> {
        let _boarded = Boarded::new(&self.flight, record);
        tokio::time::sleep(record.takes).await;
        if record.is_broken {
            return Err(format!("{} cannot be handled", record.event_id).into());
        }
        self.dynamodb
            .put_item()
            .table_name(&self.handled_events)
            .item("eventId", AttributeValue::S(record.event_id.clone()))
            .send()
            .await?;
        Ok(())
    }

    /// Saves the position: whoever reads next begins after this record. Nothing stops it from going back.
    ///
    /// # Errors
    /// AWS did not answer, or refused.
    pub async fn save(&self, record: &Record) -> Result<(), Error> {
        self.dynamodb
            .put_item()
            .table_name(&self.checkpoints)
            .item("shardId", AttributeValue::S(SHARD.to_owned()))
            .item(
                "sequenceNumber",
                AttributeValue::S(record.sequence_number.to_string()),
            )
            .send()
            .await?;
        Ok(())
    }

    /// A record that was begun before another one in front of it.
    pub fn begun_too_early(&self) -> Option<String> {
        let begun = self.flight.begun.lock().expect("no panic under this lock");
        begun.too_early.clone()
    }

    /// The most records that were being handled at one time.
    pub fn most_in_flight(&self) -> usize {
        self.flight.most.load(Ordering::Relaxed)
    }
}
