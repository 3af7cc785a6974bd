//! Requests of which AWS does only a part, in an answer that is no error: every second entry is left.

use crate::backend::NoAnswer;
use crate::fault::shard_rate_exceeded;
use crate::request::{Request, Response, elements};
use serde_json::{Map, Value, json};

/// In how many ways records can be refused in part: the first, third, fifth and so on, or the second, fourth, sixth.
pub(crate) fn ways_to_put(request: &Request) -> u32 {
    elements(&request.body["Records"]).take(2).count() as u32
}

/// Puts every second record, and refuses the others, beginning with the one `first`, 0 or 1.
pub(crate) async fn put_records(
    request: &Request,
    first: usize,
    send: impl AsyncFnOnce(&Request) -> Result<Response, NoAnswer>,
) -> Result<Response, NoAnswer> {
    let mut at = first;
    let (left, taken) = every_second(&request.body["Records"], &mut at);
    // A record is refused for one of two reasons: for the shard's rate, or because something failed inside Kinesis.
    let refused = [
        json!({
            "ErrorCode": "ProvisionedThroughputExceededException",
            "ErrorMessage": shard_rate_exceeded(request),
        }),
        json!({ "ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure." }),
    ];
    let mut results = Vec::new();
    if !taken.is_empty() {
        let mut request = request.clone();
        request.body["Records"] = json!(taken);
        let response = send(&request).await?;
        if !response.is_ok() {
            return Ok(response);
        }
        results = elements(&response.body["Records"]).cloned().collect();
    }
    let mut results = results.into_iter();
    let entries: Vec<_> = (0..left.len() + taken.len())
        .map(|at| match at % 2 == first {
            true => refused[(at / 2 + first) % 2].clone(),
            false => results.next().unwrap_or_default(),
        })
        .collect();
    Ok(Response::ok(
        json!({ "FailedRecordCount": left.len(), "Records": entries }),
    ))
}

/// How many items a batch names, in all its tables.
pub(crate) fn batch_size(request: &Request) -> usize {
    let tables = request.body["RequestItems"].as_object();
    let entries = tables
        .into_iter()
        .flat_map(Map::values)
        .flat_map(|table| elements(table).chain(elements(&table["Keys"])));
    entries.count()
}

/// Writes or reads every second item of a batch, and hands the others back.
pub(crate) async fn batch(
    request: &Request,
    send: impl AsyncFnOnce(&Request) -> Result<Response, NoAnswer>,
) -> Result<Response, NoAnswer> {
    let (mut left, mut taken) = (Map::new(), Map::new());
    let mut at = 0;
    let tables = request.body["RequestItems"].as_object();
    for (name, table) in tables.into_iter().flatten() {
        // A read names keys, and how they are to be read; a write is the list itself.
        let entries = table.get("Keys").unwrap_or(table);
        let (table_left, table_taken) = every_second(entries, &mut at);
        for (part, entries) in [(&mut left, table_left), (&mut taken, table_taken)] {
            if entries.is_empty() {
                continue;
            }
            let mut part_of_table = table.clone();
            match part_of_table.get_mut("Keys") {
                Some(keys) => *keys = Value::Array(entries),
                None => part_of_table = Value::Array(entries),
            }
            part.insert(name.clone(), part_of_table);
        }
    }
    let mut request = request.clone();
    request.body["RequestItems"] = Value::Object(taken);
    let mut response = send(&request).await?;
    if response.is_ok() {
        let unprocessed = match request.operation.as_str() {
            "BatchGetItem" => "UnprocessedKeys",
            _ => "UnprocessedItems",
        };
        response.body[unprocessed] = Value::Object(left);
    }
    Ok(response)
}

/// The first, third, fifth entry and so on, counted from `at` entries before; and the others.
fn every_second(entries: &Value, at: &mut usize) -> (Vec<Value>, Vec<Value>) {
    elements(entries).cloned().partition(|_| {
        *at += 1;
        *at % 2 == 1
    })
}
