//! expect: LOST after no-fault
//!
//! Batches, and takes the first page of windows for all of them.

mod source;

pub use source::{Error, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{self, N, S};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use std::collections::{BTreeMap, HashMap};

pub const WINDOW_SECONDS: i64 = 60;

pub const LATENESS_SECONDS: i64 = 30;

#[derive(Clone, Debug)]
pub struct Tables {
    pub windows: String,
    pub results: String,
    pub checkpoints: String,
}

#[derive(Clone, Debug, Default)]
struct State {
    position: Option<String>,
    latest: Option<i64>,
    open: BTreeMap<i64, i64>,
}

fn window_of(at: i64) -> i64 {
    at.div_euclid(WINDOW_SECONDS) * WINDOW_SECONDS
}

impl State {
    fn after(&self, record: &Record) -> (State, BTreeMap<i64, i64>) {
        let latest = self
            .latest
            .map_or(record.at_seconds, |latest| latest.max(record.at_seconds));
        let watermark = latest - LATENESS_SECONDS;
        let is_closed = |start: i64| watermark >= start + WINDOW_SECONDS;
        let mut open = self.open.clone();
        let start = window_of(record.at_seconds);
        if !is_closed(start) {
            *open.entry(start).or_default() += 1;
        }
        let (closed, open) = open.into_iter().partition(|(start, _)| is_closed(*start));
        let state = State {
            position: Some(record.sequence_number.clone()),
            latest: Some(latest),
            open,
        };
        (state, closed)
    }
}

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

fn number(item: &HashMap<String, AttributeValue>, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

async fn load(dynamodb: &Client, tables: &Tables) -> Result<State, Error> {
    let checkpoint = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", S(SHARD.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let mut state = State::default();
    if let Some(item) = checkpoint.item() {
        state.position = text(item, "sequenceNumber");
        state.latest = number(item, "latest");
    }
    let page = dynamodb
        .scan()
        .table_name(&tables.windows)
        .consistent_read(true)
        .send()
        .await?;
    for item in page.items() {
        let start = text(item, "windowStart").ok_or("no windowStart")?.parse()?;
        state
            .open
            .insert(start, number(item, "count").ok_or("no count")?);
    }
    Ok(state)
}

fn put(table: &str) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder().table_name(table)
}

fn put_count(table: &str, start: i64, count: i64) -> Result<TransactWriteItem, Error> {
    let put = put(table)
        .item("windowStart", S(start.to_string()))
        .item("count", N(count.to_string()))
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn delete(table: &str, start: i64) -> Result<TransactWriteItem, Error> {
    let delete = Delete::builder()
        .table_name(table)
        .key("windowStart", S(start.to_string()))
        .build()?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn move_position(tables: &Tables, old: &State, new: &State) -> Result<TransactWriteItem, Error> {
    let put = put(&tables.checkpoints)
        .item("shardId", S(SHARD.to_owned()))
        .item(
            "sequenceNumber",
            S(new.position.clone().ok_or("no position")?),
        )
        .item("latest", N(new.latest.ok_or("no time")?.to_string()));
    let put = match &old.position {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(position) => put
            .condition_expression("sequenceNumber = :old")
            .expression_attribute_values(":old", S(position.clone())),
    };
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

async fn save(
    dynamodb: &Client,
    tables: &Tables,
    old: &State,
    new: &State,
    closed: &BTreeMap<i64, i64>,
) -> Result<(), Error> {
    let mut actions = vec![move_position(tables, old, new)?];
    for (start, count) in &new.open {
        if old.open.get(start) != Some(count) {
            actions.push(put_count(&tables.windows, *start, *count)?);
        }
    }
    for (start, count) in closed {
        actions.push(put_count(&tables.results, *start, *count)?);
        if old.open.contains_key(start) {
            actions.push(delete(&tables.windows, *start)?);
        }
    }
    dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await?;
    Ok(())
}

const MOST: usize = 100;

pub async fn count(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut saved = load(dynamodb, tables).await?;
    let records = source.read_after(saved.position.as_deref()).await?;
    let (mut state, mut closed) = (saved.clone(), BTreeMap::new());
    for record in &records {
        let (next, mut more) = state.after(record);
        let mut all = closed.clone();
        all.append(&mut more);
        // At most two actions for a closed window and one for an open one, and the position.
        if 1 + 2 * all.len() + next.open.len() > MOST {
            save(dynamodb, tables, &saved, &state, &closed).await?;
            saved = state.clone();
            let (next, more) = state.after(record);
            (state, closed) = (next, more);
        } else {
            (state, closed) = (next, all);
        }
    }
    if state.position != saved.position {
        save(dynamodb, tables, &saved, &state, &closed).await?;
    }
    Ok(())
}
