//! expect: DUPLICATE after no-fault
//!
//! The counts first, the position in a call of its own: a crash between them counts a view twice.

mod source;

pub use source::{Error, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use std::collections::{BTreeMap, HashMap};

pub const WINDOW_SECONDS: i64 = 60;

pub const LATENESS_SECONDS: i64 = 30;

#[derive(Clone, Debug)]
pub struct Tables {
    pub windows: String,
    pub results: String,
    pub checkpoints: String,
}

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

#[derive(Clone, Debug, Default)]
struct State {
    position: Option<String>,
    latest_seconds: Option<i64>,
    open: BTreeMap<i64, u64>,
    closed: BTreeMap<i64, u64>,
}

impl State {
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
    async fn save(&self, before: &State, after: &State) -> Result<(), Error> {
        let mut actions = Vec::new();
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
        if !actions.is_empty() {
            self.dynamodb
                .transact_write_items()
                .set_transact_items(Some(actions))
                .send()
                .await?;
        }
        let position = self
            .dynamodb
            .transact_write_items()
            .transact_items(self.advance(before, after)?);
        position.send().await?;
        Ok(())
    }

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
