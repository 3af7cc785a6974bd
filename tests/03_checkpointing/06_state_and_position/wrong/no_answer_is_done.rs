//! expect: STUCK after no-answer
//!
//! Takes a transaction for done when no answer to it comes. After the last record nothing follows that would fail.

mod source;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, TransactWriteItem,
};
pub use source::{Error, Record, SHARD, Source};
use std::collections::{BTreeMap, HashMap};

pub const WINDOW_SECONDS: i64 = 60;

pub const LATENESS_SECONDS: i64 = 30;

#[derive(Clone, Debug)]
pub struct Tables {
    pub windows: String,
    pub results: String,
    pub checkpoints: String,
}

fn s(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}
fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
fn number(item: &HashMap<String, AttributeValue>, name: &str) -> Result<i64, Error> {
    match item.get(name) {
        Some(AttributeValue::N(number)) | Some(AttributeValue::S(number)) => Ok(number.parse()?),
        other => Err(format!("{name}: {other:?}").into()),
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    position: Option<String>,
    latest: Option<i64>,
    open: BTreeMap<i64, i64>,
}

async fn load(dynamodb: &Client, tables: &Tables) -> Result<State, Error> {
    let mut state = State::default();
    load_position(dynamodb, tables, &mut state).await?;
    load_windows(dynamodb, tables, &mut state).await?;
    Ok(state)
}

async fn load_position(dynamodb: &Client, tables: &Tables, state: &mut State) -> Result<(), Error> {
    let got = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", s(SHARD))
        .consistent_read(/*p*/ true)
        .send()
        .await?;
    if let Some(item) = got.item() {
        state.position = item
            .get("sequenceNumber")
            .and_then(|it| it.as_s().ok())
            .cloned();
        state.latest = Some(number(item, "latest")?);
    }
    Ok(())
}

async fn load_windows(dynamodb: &Client, tables: &Tables, state: &mut State) -> Result<(), Error> {
    let mut pages = dynamodb
        .scan()
        .table_name(&tables.windows)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    while let Some(item) = pages.next().await {
        let item = item?;
        state
            .open
            .insert(number(&item, "windowStart")?, number(&item, "count")?);
    }
    Ok(())
}

impl State {
    fn after(&self, record: &Record) -> (State, Vec<(i64, i64)>) {
        let mut next = self.clone();
        next.position = Some(record.sequence_number.clone());
        let latest = self
            .latest
            .map_or(record.at_seconds, |latest| latest.max(record.at_seconds));
        next.latest = Some(latest);
        let watermark = latest - LATENESS_SECONDS;
        let is_closed = |start: i64| watermark >= start + WINDOW_SECONDS;
        let start = record.at_seconds.div_euclid(WINDOW_SECONDS) * WINDOW_SECONDS;
        if !is_closed(start) {
            *next.open.entry(start).or_default() += 1;
        }
        let (closed, open): (BTreeMap<i64, i64>, BTreeMap<i64, i64>) = next
            .open
            .into_iter()
            .partition(|(start, _)| is_closed(*start));
        next.open = open;
        (next, closed.into_iter().collect())
    }
}

fn put(table: &str, start: i64, count: i64) -> TransactWriteItem {
    TransactWriteItem::builder()
        .put(
            Put::builder()
                .table_name(table)
                .item("windowStart", s(start))
                .item("count", n(count))
                .build()
                .unwrap(),
        )
        .build()
}
fn delete(table: &str, start: i64) -> TransactWriteItem {
    TransactWriteItem::builder()
        .delete(
            Delete::builder()
                .table_name(table)
                .key("windowStart", s(start))
                .build()
                .unwrap(),
        )
        .build()
}

fn advance(tables: &Tables, before: &State, after: &State) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", s(SHARD))
        .item("sequenceNumber", s(after.position.as_ref().unwrap()))
        .item("latest", n(after.latest.unwrap()));
    let put = match &before.position {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(from) => put
            .condition_expression("sequenceNumber = :from")
            .expression_attribute_values(":from", s(from)),
    };
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn actions(
    tables: &Tables,
    before: &State,
    after: &State,
    closed: &[(i64, i64)],
) -> Vec<TransactWriteItem> {
    let mut actions = vec![advance(tables, before, after)];
    for (start, count) in &after.open {
        if before.open.get(start) != Some(count) {
            actions.push(put(&tables.windows, *start, *count));
        }
    }
    for (start, count) in closed {
        actions.push(put(&tables.results, *start, *count));
        if before.open.contains_key(start) {
            actions.push(delete(&tables.windows, *start));
        }
    }
    actions
}

async fn save(
    dynamodb: &Client,
    tables: &Tables,
    before: &State,
    after: &State,
    closed: &[(i64, i64)],
) -> Result<(), Error> {
    match dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions(tables, before, after, closed)))
        .send()
        .await
    {
        Err(
            aws_sdk_dynamodb::error::SdkError::DispatchFailure(_)
            | aws_sdk_dynamodb::error::SdkError::TimeoutError(_),
        )
        | Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub async fn count(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let mut state = load(dynamodb, tables).await?;
    for record in source.read_after(state.position.as_deref()).await? {
        let (next, closed) = state.after(&record);
        save(dynamodb, tables, &state, &next, &closed).await?;
        state = next;
    }
    Ok(())
}
