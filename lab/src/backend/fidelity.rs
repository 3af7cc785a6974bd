//! What the lab repairs so that every backend answers as AWS does.
//!
//! | behaviour of AWS | repaired on |
//! |---|---|
//! | `MillisBehindLatest` is above 0 while records are still to come | embedded |
//! | the end of a closed shard: no next iterator, and its `ChildShards` | embedded, LocalStack |
//! | `PutRecords` takes at most 500 records | LocalStack |
//! | an iterator that is no iterator is an `InvalidArgumentException` | LocalStack |
//! | changing a key inside a transaction cancels it with `ValidationError` | embedded |
//! | `ADD` to a string inside a transaction cancels it with `ValidationError` | LocalStack |
//!
//! Neither emulator has conflicts between transactions or stale reads: those are faults, see [`crate::fault`].

use super::{Backend, Kind, NoAnswer};
use crate::request::{Request, Response, Service};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;

/// How far behind a reader is said to be while records are still to come, in milliseconds.
/// AWS reports the true distance; the checks need the same on every run.
const BEHIND_MILLISECONDS: u64 = 1_000;

/// The repairs of one backend.
#[derive(Default)]
pub(crate) struct Fidelity {
    /// Which shard an iterator reads: the protocol never says it again.
    iterators: Mutex<HashMap<String, Place>>,
}

#[derive(Clone)]
struct Place {
    /// `StreamName` or `StreamARN`, as the reader gave it.
    stream: Value,
    shard: String,
}

impl Fidelity {
    /// Answers `request` from `backend` as AWS would.
    pub(crate) async fn answer(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Response, NoAnswer> {
        if backend.kind() == Kind::Aws {
            return backend.answer(request).await;
        }
        if let Some(refusal) = refused_unseen(request) {
            return Ok(refusal);
        }
        let response = backend.answer(request).await?;
        match request.operation.as_str() {
            "GetShardIterator" => self.remember_iterator(request, &response),
            "GetRecords" => return self.repair_page(backend, request, response).await,
            "TransactWriteItems" => return Ok(repair_transaction(request, response)),
            _ => {}
        }
        Ok(response)
    }

    fn remember_iterator(&self, request: &Request, response: &Response) {
        let (Some(iterator), Some(shard)) =
            (response.body["ShardIterator"].as_str(), request.body["ShardId"].as_str())
        else {
            return;
        };
        let key = if request.body["StreamName"].is_string() { "StreamName" } else { "StreamARN" };
        let place = Place {
            stream: json!({ key: request.body[key] }),
            shard: shard.to_owned(),
        };
        self.places().insert(iterator.to_owned(), place);
    }

    async fn repair_page(
        &self,
        backend: &Backend,
        request: &Request,
        mut page: Response,
    ) -> Result<Response, NoAnswer> {
        let iterator = request.body["ShardIterator"].as_str().unwrap_or_default();
        if !page.is_ok() {
            if page.status >= 500 {
                page = Response::error(
                    Service::Kinesis,
                    "InvalidArgumentException",
                    "Invalid ShardIterator.",
                );
            }
            return Ok(page);
        }
        let Some(place) = self.places().get(iterator).cloned() else {
            return Ok(page);
        };
        let next = page.body["NextShardIterator"].as_str().map(str::to_owned);
        let more = match &next {
            Some(next) => has_records(backend, next).await?,
            None => false,
        };
        page.body["MillisBehindLatest"] = json!(if more { BEHIND_MILLISECONDS } else { 0 });
        if !more && let Some(children) = children_if_closed(backend, &place).await? {
            if let Some(body) = page.body.as_object_mut() {
                body.remove("NextShardIterator");
            }
            page.body["ChildShards"] = children;
        } else if let Some(next) = next {
            self.places().insert(next, place);
        }
        Ok(page)
    }

    fn places(&self) -> std::sync::MutexGuard<'_, HashMap<String, Place>> {
        self.iterators.lock().expect("nothing panics while it holds this lock")
    }
}

/// Whether records lie ahead of an iterator. Looking does not move it: an iterator is a position, not a cursor.
async fn has_records(backend: &Backend, iterator: &str) -> Result<bool, NoAnswer> {
    let look = json!({ "ShardIterator": iterator, "Limit": 1 });
    let page = backend.answer(&Request::new(Service::Kinesis, "GetRecords", look)).await?;
    Ok(page.body["Records"].as_array().is_some_and(|records| !records.is_empty()))
}

/// The children of a shard that takes no more records; `None` while it is open.
async fn children_if_closed(backend: &Backend, place: &Place) -> Result<Option<Value>, NoAnswer> {
    let list = Request::new(Service::Kinesis, "ListShards", place.stream.clone());
    let response = backend.answer(&list).await?;
    let Some(shards) = response.body["Shards"].as_array() else {
        return Ok(None);
    };
    let this = json!(place.shard);
    let closed = shards.iter().any(|shard| {
        shard["ShardId"] == this && shard["SequenceNumberRange"]["EndingSequenceNumber"].is_string()
    });
    if !closed {
        return Ok(None);
    }
    let children = shards
        .iter()
        .filter(|shard| shard["ParentShardId"] == this || shard["AdjacentParentShardId"] == this)
        .map(|shard| {
            let parents = [&shard["ParentShardId"], &shard["AdjacentParentShardId"]];
            json!({
                "ShardId": shard["ShardId"],
                "ParentShards": parents.into_iter().filter(|id| id.is_string()).collect::<Vec<_>>(),
                "HashKeyRange": shard["HashKeyRange"],
            })
        })
        .collect();
    Ok(Some(Value::Array(children)))
}

/// What AWS refuses before it does anything, and an emulator lets through.
fn refused_unseen(request: &Request) -> Option<Response> {
    match request.operation.as_str() {
        "PutRecords" if request.body["Records"].as_array().is_some_and(|all| all.len() > 500) => {
            Some(Response::error(
                Service::Kinesis,
                "ValidationException",
                "1 validation error detected: Value at 'records' failed to satisfy constraint: \
                 Member must have length less than or equal to 500",
            ))
        }
        "TransactWriteItems" => {
            let actions = request.transaction_actions()?;
            let culprit = actions.iter().position(|action| changes_its_key(&action["Update"]))?;
            Some(invalid_action(
                actions.len(),
                culprit,
                "One or more parameter values were invalid: Cannot update an attribute that is part of the key",
            ))
        }
        _ => None,
    }
}

fn repair_transaction(request: &Request, response: Response) -> Response {
    let wrong_type = response.error_code() == Some("ValidationException")
        && response.error_message().contains("incorrect data type");
    let actions = request.transaction_actions().unwrap_or_default();
    let culprit = actions.iter().position(|action| {
        let update = action["Update"]["UpdateExpression"].as_str().unwrap_or_default();
        words(update).any(|word| word.eq_ignore_ascii_case("ADD"))
    });
    match culprit {
        Some(culprit) if wrong_type => invalid_action(
            actions.len(),
            culprit,
            "An operand in the update expression has an incorrect data type",
        ),
        _ => response,
    }
}

/// A transaction of `actions` actions, cancelled because one of them cannot be carried out.
fn invalid_action(actions: usize, culprit: usize, message: &str) -> Response {
    let reasons: Vec<_> = (0..actions)
        .map(|i| if i == culprit { ("ValidationError", Some(message)) } else { ("None", None) })
        .collect();
    Response::cancelled(&reasons)
}

/// Whether an update's expression assigns to an attribute of the item's key.
fn changes_its_key(update: &Value) -> bool {
    let (Some(key), Some(expression)) =
        (update["Key"].as_object(), update["UpdateExpression"].as_str())
    else {
        return false;
    };
    let names = &update["ExpressionAttributeNames"];
    // Left of each `=`, and after REMOVE, ADD and DELETE, stands the attribute that changes.
    let mut clause = String::new();
    let mut expects_target = false;
    for word in words(expression) {
        let upper = word.to_ascii_uppercase();
        if ["SET", "REMOVE", "ADD", "DELETE"].contains(&upper.as_str()) {
            clause = upper;
            expects_target = true;
        } else if word == "," {
            expects_target = true;
        } else if expects_target {
            let attribute = names[word].as_str().unwrap_or(word);
            if !clause.is_empty() && key.contains_key(attribute) {
                return true;
            }
            expects_target = false;
        }
    }
    false
}

/// The words and commas of an expression. Commas inside a function's brackets do not count.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    let mut cuts = vec![0];
    for (i, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => cuts.extend([i, i + 1]),
            ' ' | '\n' | '\t' | '=' => cuts.extend([i, i + 1]),
            _ => {}
        }
    }
    cuts.push(expression.len());
    cuts.windows(2)
        .map(|cut| &expression[cut[0]..cut[1]])
        .filter(|word| !word.trim().is_empty() && *word != "=")
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_of_a_key_is_recognised() {
        let update = |expression: &str| {
            changes_its_key(&json!({
                "Key": { "id": { "S": "a" } },
                "UpdateExpression": expression,
                "ExpressionAttributeNames": { "#id": "id" },
            }))
        };
        assert!(update("SET id = :x"));
        assert!(update("SET n = :x, #id=:y"));
        assert!(update("REMOVE id"));
        assert!(!update("SET n = id"));
        assert!(!update("SET n = if_not_exists(n, id), m = :x"));
        assert!(!update("ADD n :one"));
    }
}
