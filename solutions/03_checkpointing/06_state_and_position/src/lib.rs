//! Save counts with their position: the reference.

// The given part, in the one place where it is given.
#[path = "../../../../exercises/03_checkpointing/06_state_and_position/src/source.rs"]
mod source;

pub use source::{Error, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use std::collections::{BTreeMap, HashMap};

/// How long a window is. The window of a view begins at its time, rounded down to a multiple of this.
pub const WINDOW_SECONDS: i64 = 60;

/// How long a window stays open after its end. Whether a view is late is decided by its window, and not by its own time.
pub const LATENESS_SECONDS: i64 = 30;

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `windows`.
    pub windows: String,
    /// The table `results`.
    pub results: String,
    /// The table `checkpoints`.
    pub checkpoints: String,
}

// ANCHOR: count
/// Counts the views that come after the shard's position, up to the present end of the shard.
///
/// # Errors
///
/// Whatever keeps a record from being counted, another worker on this shard included.
pub async fn count(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let worker = Worker { dynamodb, tables };
    let mut state = worker.load().await?;
    for record in source.read_after(state.position.as_deref()).await? {
        let next = state.after(&record);
        worker.save(&state, &next).await?;
        state = next;
    }
    Ok(())
}

/// What is remembered of all records up to a position.
#[derive(Clone, Debug, Default)]
struct State {
    position: Option<String>,
    /// The latest time of all records.
    latest_seconds: Option<i64>,
    /// The counts of the open windows, by their starts.
    open: BTreeMap<i64, u64>,
    /// The counts of the windows that the last record has closed.
    closed: BTreeMap<i64, u64>,
}

impl State {
    /// The state after one more record.
    fn after(&self, record: &Record) -> State {
        let latest = self.latest_seconds.unwrap_or(record.at_seconds);
        let latest = latest.max(record.at_seconds);
        let watermark = latest - LATENESS_SECONDS;
        let is_closed = |start: i64| watermark >= start + WINDOW_SECONDS;
        let mut open = self.open.clone();
        let start = record.at_seconds - record.at_seconds.rem_euclid(WINDOW_SECONDS);
        if !is_closed(start) {
            *open.entry(start).or_default() += 1;
        }
        let (closed, open) = open.into_iter().partition(|(start, _)| is_closed(*start));
        State {
            position: Some(record.sequence_number.clone()),
            latest_seconds: Some(latest),
            open,
            closed,
        }
    }
}

struct Worker<'a> {
    dynamodb: &'a Client,
    tables: &'a Tables,
}

impl Worker<'_> {
    /// Stores what has changed from `before` to `after`, and the position with it, in one step.
    async fn save(&self, before: &State, after: &State) -> Result<(), Error> {
        let mut actions = vec![self.advance(before, after)?];
        for (start, count) in &after.open {
            if before.open.get(start) != Some(count) {
                actions.push(put(&self.tables.windows, *start, *count)?);
            }
        }
        for (start, count) in &after.closed {
            actions.push(put(&self.tables.results, *start, *count)?);
            let delete = Delete::builder()
                .table_name(&self.tables.windows)
                .key("windowStart", AttributeValue::S(start.to_string()));
            actions.push(TransactWriteItem::builder().delete(delete.build()?).build());
        }
        self.dynamodb
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await?;
        Ok(())
    }

    /// The position moves on from where this worker knows it to be. It takes the latest time along.
    fn advance(&self, before: &State, after: &State) -> Result<TransactWriteItem, Error> {
        let position = after.position.clone().unwrap_or_default();
        let latest = after.latest_seconds.unwrap_or_default();
        let put = Put::builder()
            .table_name(&self.tables.checkpoints)
            .item("shardId", AttributeValue::S(SHARD.to_owned()))
            .item("sequenceNumber", AttributeValue::S(position))
            .item("latestSeconds", AttributeValue::N(latest.to_string()));
        let put = match &before.position {
            None => put.condition_expression("attribute_not_exists(shardId)"),
            Some(from) => put
                .condition_expression("sequenceNumber = :from")
                .expression_attribute_values(":from", AttributeValue::S(from.clone())),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
    // ANCHOR_END: count

    /// The position first: should another worker save between the two reads, the first save here is refused.
    async fn load(&self) -> Result<State, Error> {
        let found = self
            .dynamodb
            .get_item()
            .table_name(&self.tables.checkpoints)
            .key("shardId", AttributeValue::S(SHARD.to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        let mut state = State::default();
        if let Some(checkpoint) = found.item() {
            let position = checkpoint.get("sequenceNumber");
            state.position = position.and_then(|position| position.as_s().ok()).cloned();
            state.latest_seconds = Some(number(checkpoint, "latestSeconds")?);
        }
        let mut pages = self
            .dynamodb
            .scan()
            .table_name(&self.tables.windows)
            .consistent_read(true)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for item in page?.items() {
                let start = item.get("windowStart").and_then(|start| start.as_s().ok());
                let start = start.ok_or("a window has no start")?.parse()?;
                state.open.insert(start, number(item, "count")?.try_into()?);
            }
        }
        Ok(state)
    }
}

fn put(table: &str, start: i64, count: u64) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(table)
        .item("windowStart", AttributeValue::S(start.to_string()))
        .item("count", AttributeValue::N(count.to_string()));
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

fn number(item: &HashMap<String, AttributeValue>, name: &str) -> Result<i64, Error> {
    match item.get(name) {
        Some(AttributeValue::N(number)) => Ok(number.parse()?),
        other => Err(format!("{name} is {other:?}").into()),
    }
}
