//! Shards as AWS shows them: where a page ends, where a shard ends, and what comes after it.

use super::super::{Backend, NoAnswer};
use crate::gap::BEHIND_MILLISECONDS;
use crate::locked::locked;
use crate::request::{Request, Response, Service};
use crate::sequence_number::as_number;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// What `ListShards` returns at most where it is not told.
const SHARDS_A_PAGE: usize = 1_000;

/// Which shard each iterator reads: the protocol never says it again.
#[derive(Default)]
pub(super) struct Shards {
    iterators: Mutex<HashMap<String, Place>>,
}

#[derive(Clone)]
struct Place {
    /// `StreamName` or `StreamARN`, as the reader gave it.
    stream: Value,
    shard: String,
    /// Where in the shard it stands, if that is a record.
    position: Option<Position>,
}

/// Where a reader stands: at a record, or after it.
#[derive(Clone)]
struct Position {
    number: String,
    after: bool,
}

impl Position {
    /// Whether a record lies behind it.
    fn is_past(&self, record: &Value) -> bool {
        let record = record["SequenceNumber"].as_str().map(as_number);
        let here = as_number(&self.number);
        record.is_some_and(|record| record < here || (self.after && record == here))
    }
}

impl Shards {
    pub(super) async fn answer(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Response, NoAnswer> {
        match request.operation.as_str() {
            "PutRecords" => match refused_batch(request) {
                Some(refusal) => Ok(refusal),
                None => backend.answer(request).await,
            },
            "ListShards" => list(backend, request).await,
            "SplitShard" | "MergeShards" => match already_closed(backend, request).await? {
                Some(refusal) => Ok(refusal),
                None => settled(backend, request).await,
            },
            "CreateStream" | "UpdateShardCount" => settled(backend, request).await,
            "GetShardIterator" => {
                let response = repair_position(request, backend.answer(request).await?);
                self.remember_iterator(request, &response);
                Ok(response)
            }
            "GetRecords" => self.page(backend, request).await,
            _ => backend.answer(request).await,
        }
    }

    fn remember_iterator(&self, request: &Request, response: &Response) {
        let (Some(iterator), Some(shard)) = (
            response.body["ShardIterator"].as_str(),
            request.body["ShardId"].as_str(),
        ) else {
            return;
        };
        let number = request.body["StartingSequenceNumber"].as_str();
        let position = number.map(|number| Position {
            number: number.to_owned(),
            after: request.body["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER",
        });
        let place = Place {
            stream: stream_of(request),
            shard: shard.to_owned(),
            position,
        };
        self.places().insert(iterator.to_owned(), place);
    }

    async fn page(&self, backend: &Backend, request: &Request) -> Result<Response, NoAnswer> {
        let iterator = request.body["ShardIterator"].as_str().unwrap_or_default();
        let place = self.places().get(iterator).cloned();
        let position = place.as_ref().and_then(|place| place.position.as_ref());
        let mut page = read(backend, request, position).await?;
        if page.status >= 500 {
            return Ok(invalid_argument("Invalid ShardIterator."));
        }
        let Some(mut place) = place.filter(|_| page.is_ok()) else {
            return Ok(page);
        };
        let last = page.body["Records"]
            .as_array()
            .and_then(|records| records.last());
        if let Some(number) = last.and_then(|last| last["SequenceNumber"].as_str()) {
            place.position = Some(Position {
                number: number.to_owned(),
                after: true,
            });
        }
        let next = page.body["NextShardIterator"].as_str().map(str::to_owned);
        let more = match &next {
            Some(next) => has_records(backend, next, place.position.as_ref()).await?,
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

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        locked(&self.iterators)
    }
}

fn invalid_argument(message: &str) -> Response {
    Response::error(Service::Kinesis, "InvalidArgumentException", message)
}

fn stream_of(request: &Request) -> Value {
    let key = if request.body["StreamName"].is_string() {
        "StreamName"
    } else {
        "StreamARN"
    };
    json!({ key: request.body[key] })
}

fn refused_batch(request: &Request) -> Option<Response> {
    let limit = match request.body["Records"].as_array()?.len() {
        0 => "greater than or equal to 1",
        1..=500 => return None,
        _ => "less than or equal to 500",
    };
    let message = format!(
        "1 validation error detected: Value at 'records' failed to satisfy constraint: \
         Member must have length {limit}"
    );
    Some(Response::error(
        Service::Kinesis,
        "ValidationException",
        &message,
    ))
}

/// LocalStack looks for the record; to AWS a sequence number is a position, and that one is on no such shard.
fn repair_position(request: &Request, response: Response) -> Response {
    if !response.error_message().contains("Unable to find record") {
        return response;
    }
    let text = |key: &str| request.body[key].as_str().unwrap_or_default().to_owned();
    invalid_argument(&format!(
        "StartingSequenceNumber {} used in GetShardIterator on shard {} is invalid because it did not come from \
         this shard.",
        text("StartingSequenceNumber"),
        text("ShardId"),
    ))
}

/// Reads a page from a position. Where the first record of a shard has the shard's own first number, LocalStack takes
/// "after it" for "from it on", and a reader of one record at a time never comes past it.
async fn read(
    backend: &Backend,
    request: &Request,
    position: Option<&Position>,
) -> Result<Response, NoAnswer> {
    let repeats = |page: &Response| {
        position.is_some_and(|position| position.is_past(&page.body["Records"][0]))
    };
    let mut page = backend.answer(request).await?;
    if repeats(&page)
        && let Some(limit) = request.body["Limit"].as_u64()
    {
        let mut more = request.clone();
        more.body["Limit"] = json!((limit + 1).min(10_000));
        page = backend.answer(&more).await?;
    }
    if repeats(&page)
        && let Some(records) = page.body["Records"].as_array_mut()
    {
        records.remove(0);
    }
    Ok(page)
}

/// Whether records lie ahead of an iterator. Looking does not move it: an iterator is a position, not a cursor.
async fn has_records(
    backend: &Backend,
    iterator: &str,
    position: Option<&Position>,
) -> Result<bool, NoAnswer> {
    let look = json!({ "ShardIterator": iterator, "Limit": 1 });
    let page = read(
        backend,
        &Request::new(Service::Kinesis, "GetRecords", look),
        position,
    )
    .await?;
    Ok(page.body["Records"]
        .as_array()
        .is_some_and(|records| !records.is_empty()))
}

/// All shards of a stream, or the refusal to list them.
async fn shards(
    backend: &Backend,
    stream: Value,
) -> Result<Result<Vec<Value>, Response>, NoAnswer> {
    let response = backend
        .answer(&Request::new(Service::Kinesis, "ListShards", stream))
        .await?;
    Ok(match response.body["Shards"].as_array() {
        Some(shards) => Ok(shards.clone()),
        None => Err(response),
    })
}

fn is_closed(shard: &Value) -> bool {
    shard["SequenceNumberRange"]["EndingSequenceNumber"].is_string()
}

/// The children of a shard that takes no more records; `None` while it is open.
async fn children_if_closed(backend: &Backend, place: &Place) -> Result<Option<Value>, NoAnswer> {
    let Ok(shards) = shards(backend, place.stream.clone()).await? else {
        return Ok(None);
    };
    let this = json!(place.shard);
    if !shards
        .iter()
        .any(|shard| shard["ShardId"] == this && is_closed(shard))
    {
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

/// Carries out a change of a stream, and waits until it is done.
///
/// Code under test stands still between its calls, and so does the embedded emulator's work in the background: a
/// worker that waits for the stream would wait for ever.
async fn settled(backend: &Backend, request: &Request) -> Result<Response, NoAnswer> {
    let response = backend.answer(request).await?;
    if response.is_ok() {
        let describe = Request::new(
            Service::Kinesis,
            "DescribeStreamSummary",
            stream_of(request),
        );
        for look in 0..500 {
            let summary = backend.answer(&describe).await?;
            if summary
                .body
                .pointer("/StreamDescriptionSummary/StreamStatus")
                == Some(&json!("ACTIVE"))
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(look.min(20))).await;
        }
    }
    Ok(response)
}

/// The refusal to split or merge what was split or merged before.
async fn already_closed(
    backend: &Backend,
    request: &Request,
) -> Result<Option<Response>, NoAnswer> {
    let Ok(shards) = shards(backend, stream_of(request)).await? else {
        return Ok(None);
    };
    let meant =
        ["ShardToSplit", "ShardToMerge", "AdjacentShardToMerge"].map(|key| &request.body[key]);
    let closed = shards
        .iter()
        .find(|shard| meant.contains(&&shard["ShardId"]) && is_closed(shard));
    Ok(closed.map(|shard| {
        invalid_argument(&format!(
            "Shard {} in stream {} has already been merged or split, and thus is not eligible for merging or \
             splitting.",
            shard["ShardId"].as_str().unwrap_or_default(),
            request.body["StreamName"].as_str().unwrap_or_default(),
        ))
    }))
}

/// `ListShards` with its filter and its pages, which the emulators have only in part.
async fn list(backend: &Backend, request: &Request) -> Result<Response, NoAnswer> {
    let mut asked = request.body.clone();
    if let Some(token) = asked["NextToken"].as_str() {
        if stream_of(request)
            .as_object()
            .is_some_and(|stream| stream.values().any(Value::is_string))
        {
            return Ok(invalid_argument(
                "NextToken and StreamName cannot be provided together.",
            ));
        }
        let Some(before) = from_token(token) else {
            return Ok(invalid_argument("NextToken is invalid."));
        };
        let most = asked["MaxResults"].take();
        asked = before;
        asked["MaxResults"] = most;
    }
    // The backend judges the request: what it refuses, AWS refuses.
    let mut plain = asked.clone();
    if let Some(plain) = plain.as_object_mut() {
        let ours = ["ShardFilter", "MaxResults", "ExclusiveStartShardId"];
        plain.retain(|key, value| !value.is_null() && !ours.contains(&key.as_str()));
    }
    let all = match shards(backend, plain).await? {
        Ok(all) => all,
        Err(refusal) => return Ok(refusal),
    };
    let filter = &asked["ShardFilter"];
    let known = |id: &Value| all.iter().any(|shard| shard["ShardId"] == *id);
    let mut shards: Vec<_> = all
        .iter()
        .filter(|shard| shard["ShardId"].as_str() > asked["ExclusiveStartShardId"].as_str())
        .filter(|shard| match filter["Type"].as_str() {
            Some("AT_LATEST") => !is_closed(shard),
            Some("AT_TRIM_HORIZON") => !known(&shard["ParentShardId"]),
            Some("AFTER_SHARD_ID") => shard["ShardId"].as_str() > filter["ShardId"].as_str(),
            _ => true,
        })
        .cloned()
        .collect();
    let most = asked["MaxResults"]
        .as_u64()
        .map_or(SHARDS_A_PAGE, |most| most as usize);
    let rest = shards.len() > most;
    shards.truncate(most);
    let mut answer = json!({ "Shards": shards });
    if rest && let Some(last) = shards.last() {
        asked["ExclusiveStartShardId"] = last["ShardId"].clone();
        answer["NextToken"] = json!(to_token(&asked));
    }
    Ok(Response::ok(answer))
}

/// A token is the request that goes on, in a form that nobody is tempted to read.
fn to_token(request: &Value) -> String {
    aws_smithy_types::base64::encode(request.to_string())
}

fn from_token(token: &str) -> Option<Value> {
    let text = aws_smithy_types::base64::decode(token).ok()?;
    serde_json::from_slice(&text).ok().filter(Value::is_object)
}
