//! A small world for one look at a behaviour: three accounts, and where it is asked for a stream of three payments.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use aws_sdk_kinesis::operation::get_records::GetRecordsOutput;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, ShardIteratorType};
use lab::backend::Kind;
use lab::world::Item;
use lab::{Aws, Fault, Run, Scenario};
use serde_json::json;
use std::collections::HashMap;

pub const ACCOUNTS: &str = "accounts";
pub const PAYMENTS: &str = "payments";
pub const FIRST_SHARD: &str = "shardId-000000000000";

/// Where the hash keys of a stream with one shard are cut in two.
pub const MIDDLE: &str = "170141183460469231731687303715884105728";

/// A look at the table of accounts: alice has 100, bob 200, and carol a balance that is no number.
pub fn with_accounts<F>(look: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = ()> + 'static,
{
    let account = |id: &str, balance| match json!({ "id": { "S": id }, "balance": balance }) {
        serde_json::Value::Object(item) => item,
        _ => unreachable!("the literal is an object"),
    };
    let items: Vec<Item> = vec![
        account("alice", json!({ "N": "100" })),
        account("bob", json!({ "N": "200" })),
        account("carol", json!({ "S": "much" })),
    ];
    scenario(look).table(ACCOUNTS, "id", items)
}

/// A look at a stream with one shard and the records `0`, `1`, `2`.
pub fn with_payments<F>(look: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = ()> + 'static,
{
    let record = |i: u8| ("alice".to_owned(), vec![b'0' + i]);
    scenario(look).stream(PAYMENTS, 1, (0..3).map(record).collect())
}

fn scenario<F>(look: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = ()> + 'static,
{
    Scenario::new(move |aws| {
        let look = look(aws);
        async move {
            look.await;
            Ok::<(), String>(())
        }
    })
}

/// Takes the look, with nothing in its way.
pub fn see(scenario: Scenario) -> Run {
    see_struck(&[], scenario)
}

/// Takes the look while these faults strike, one after another.
pub fn see_struck(faults: &[(Fault, u32)], scenario: Scenario) -> Run {
    let kind = Kind::from_env().unwrap_or_else(|error| panic!("{error}"));
    let plan: Vec<_> = faults.iter().map(|&(fault, at)| fault.at(at)).collect();
    let run = lab::run(kind, &scenario, &plan).unwrap_or_else(|error| panic!("{error}"));
    if let Some(panic) = &run.panic {
        panic!("{panic}");
    }
    assert!(
        run.aftermath.ended,
        "the look came to no end: {:?}",
        run.anomalies
    );
    assert!(run.fired, "a fault had no occasion");
    run
}

/// How many attempts the SDK made at the calls of one operation.
pub fn attempts(run: &Run, operation: &str) -> usize {
    run.aftermath
        .trace
        .iter()
        .filter(|entry| entry.operation == operation)
        .count()
}

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// What one account holds, read consistently.
pub async fn account(aws: &Aws, id: &str) -> Option<HashMap<String, AttributeValue>> {
    let read = aws
        .dynamodb
        .get_item()
        .table_name(aws.name(ACCOUNTS))
        .key("id", s(id))
        .consistent_read(true);
    read.send().await.expect("a read succeeds").item
}

/// An account's balance.
pub async fn balance(aws: &Aws, id: &str) -> Option<AttributeValue> {
    account(aws, id).await?.remove("balance")
}

/// An iterator at the oldest record of a shard.
pub async fn oldest(aws: &Aws, shard: &str) -> String {
    let request = aws
        .kinesis
        .get_shard_iterator()
        .stream_name(aws.name(PAYMENTS))
        .shard_id(shard);
    let answer = request
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await;
    answer
        .expect("the shard is there")
        .shard_iterator
        .expect("an iterator")
}

/// Adds to an account's balance, with one plain write.
pub async fn add(
    aws: &Aws,
    id: &str,
    amount: i64,
) -> Result<UpdateItemOutput, SdkError<UpdateItemError>> {
    let update = aws
        .dynamodb
        .update_item()
        .table_name(aws.name(ACCOUNTS))
        .key("id", s(id));
    let update = update
        .update_expression("ADD balance :x")
        .expression_attribute_values(":x", n(amount));
    update.send().await
}

/// The action of a transaction that updates an account, where `:x` is `x`.
pub fn update(aws: &Aws, id: &str, expression: &str, x: AttributeValue) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(aws.name(ACCOUNTS))
        .key("id", s(id))
        .update_expression(expression)
        .expression_attribute_values(":x", x);
    TransactWriteItem::builder()
        .update(update.build().expect("complete"))
        .build()
}

/// Sends a transaction.
pub async fn transact(
    aws: &Aws,
    token: Option<&str>,
    actions: Vec<TransactWriteItem>,
) -> Result<(), TransactWriteItemsError> {
    let request = aws
        .dynamodb
        .transact_write_items()
        .set_transact_items(Some(actions));
    let request = request.set_client_request_token(token.map(str::to_owned));
    request
        .send()
        .await
        .map(drop)
        .map_err(|error| error.into_service_error())
}

/// At most so many records from an iterator on.
pub async fn read(aws: &Aws, iterator: &str, limit: i32) -> GetRecordsOutput {
    aws.kinesis
        .get_records()
        .shard_iterator(iterator)
        .limit(limit)
        .send()
        .await
        .expect("a page")
}

/// The data of a page's records.
pub fn data(page: &GetRecordsOutput) -> Vec<&[u8]> {
    page.records()
        .iter()
        .map(|record| record.data().as_ref())
        .collect()
}

/// A record of bob's for a stream.
pub fn payment(data: impl Into<Vec<u8>>) -> PutRecordsRequestEntry {
    let record = PutRecordsRequestEntry::builder()
        .partition_key("bob")
        .data(Blob::new(data));
    record.build().expect("complete")
}
