//! expect: REGRESSED after zombie
//!
//! The condition is on the latest time. A late view leaves that as it was, and so two positions look alike.

mod source;

pub use source::{Error, Record, SHARD, Source};

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

pub const WINDOW_SECONDS: i64 = 60;

pub const LATENESS_SECONDS: i64 = 30;

#[derive(Clone, Debug)]
pub struct Tables {
    pub windows: String,
    pub results: String,
    pub checkpoints: String,
}

pub async fn count(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    let (mut known, mut latest) = position(dynamodb, tables).await?;
    let mut before = latest;
    let mut open = windows(dynamodb, tables).await?;

    for record in source.read_after(known.as_deref()).await? {
        let mut batch = Batch::default();
        batch.step(&record, &mut latest, &mut open);
        let mut actions = batch.actions(tables)?;
        actions.push(move_position(
            tables,
            known.as_ref().map(|_| before),
            &record.sequence_number,
            latest,
        )?);
        dynamodb
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await?;
        before = latest;
        known = Some(record.sequence_number);
    }
    Ok(())
}

type Item = std::collections::HashMap<String, AttributeValue>;

fn s(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}
fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
fn text(item: &Item, name: &str) -> Result<String, Error> {
    Ok(item
        .get(name)
        .ok_or("missing")?
        .as_s()
        .map_err(|_| "no text")?
        .clone())
}
fn number(item: &Item, name: &str) -> Result<i64, Error> {
    Ok(item
        .get(name)
        .ok_or("missing")?
        .as_n()
        .map_err(|_| "no number")?
        .parse()?)
}

async fn position(dynamodb: &Client, tables: &Tables) -> Result<(Option<String>, i64), Error> {
    let item = dynamodb
        .get_item()
        .table_name(&tables.checkpoints)
        .key("shardId", s(SHARD))
        .consistent_read(true)
        .send()
        .await?
        .item;
    match item {
        None => Ok((None, i64::MIN / 2)),
        Some(item) => Ok((
            Some(text(&item, "sequenceNumber")?),
            number(&item, "latest").unwrap_or(i64::MIN / 2),
        )),
    }
}

async fn windows(dynamodb: &Client, tables: &Tables) -> Result<BTreeMap<i64, i64>, Error> {
    let mut open = BTreeMap::new();
    let mut items = dynamodb
        .scan()
        .table_name(&tables.windows)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    while let Some(item) = items.next().await {
        let item = item?;
        open.insert(
            text(&item, "windowStart")?.parse()?,
            number(&item, "count")?,
        );
    }
    Ok(open)
}

fn start_of(at: i64) -> i64 {
    at - at.rem_euclid(WINDOW_SECONDS)
}

#[derive(Default)]
struct Batch {
    /// What becomes of a window: its count, and whether that is final.
    changed: BTreeMap<i64, (i64, bool)>,
}

impl Batch {
    /// Counts one record.
    fn step(&mut self, record: &Record, latest: &mut i64, open: &mut BTreeMap<i64, i64>) {
        *latest = record.at_seconds.max(*latest);
        let watermark = *latest - LATENESS_SECONDS;
        let start = start_of(record.at_seconds);
        if watermark < start + WINDOW_SECONDS {
            let count = open.entry(start).or_insert(0);
            *count += 1;
            self.changed.insert(start, (*count, false));
        }
        while let Some((&start, &count)) = open.first_key_value() {
            if watermark < start + WINDOW_SECONDS {
                break;
            }
            open.remove(&start);
            self.changed.insert(start, (count, true));
        }
    }

    /// The actions: each closed window takes two.
    fn actions(&self, tables: &Tables) -> Result<Vec<TransactWriteItem>, Error> {
        let mut actions = Vec::new();
        for (start, (count, closed)) in &self.changed {
            let table = if *closed {
                &tables.results
            } else {
                &tables.windows
            };
            let put = Put::builder()
                .table_name(table)
                .item("windowStart", s(start))
                .item("count", n(count))
                .build()?;
            actions.push(TransactWriteItem::builder().put(put).build());
            if *closed {
                let delete = Delete::builder()
                    .table_name(&tables.windows)
                    .key("windowStart", s(start))
                    .build()?;
                actions.push(TransactWriteItem::builder().delete(delete).build());
            }
        }
        Ok(actions)
    }
}

fn move_position(
    tables: &Tables,
    known: Option<i64>,
    to: &str,
    latest: i64,
) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(&tables.checkpoints)
        .item("shardId", s(SHARD))
        .item("sequenceNumber", s(to))
        .item("latest", n(latest));
    let put = match known {
        None => put.condition_expression("attribute_not_exists(shardId)"),
        Some(known) => put
            .condition_expression("latest = :known")
            .expression_attribute_values(":known", n(known)),
    };
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}
