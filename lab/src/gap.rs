//! A stretch of a shard without records, behind which more lie: `GetRecords` gives empty pages there, and only their
//! `NextShardIterator` leads on.
//!
//! AWS says that it may take several calls to come to a part of the shard that has records. Whoever begins again at the
//! same place has the same stretch before him.

use crate::locked::locked;
use crate::request::{Request, Response, elements};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

/// How many empty pages lie in a gap.
const PAGES: u32 = 4;

/// How far behind a reader is said to be while records are still to come. AWS reports the true distance; the checks need the
/// same on every run, and behind is whoever is not at 0.
pub(crate) const BEHIND_MILLISECONDS: u64 = 1;

/// The gaps of a run.
#[derive(Default)]
pub(crate) struct Gaps {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where each iterator stands.
    places: BTreeMap<String, Place>,
    /// Where gaps begin.
    begins: BTreeSet<Place>,
}

/// A place in a shard: the shard, and what comes before it.
type Place = (String, String);

/// What stands before an iterator in a gap, and how many of its pages have been read.
const MARK: &str = "gap-";

impl Gaps {
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// A gap begins where this `GetRecords` stands.
    pub(crate) fn open(&self, request: &Request) {
        let iterator = iterator(request);
        let mut state = self.state();
        if let Some(place) = state.places.get(iterator).cloned() {
            state.begins.insert(place);
        }
    }

    /// Whether there is no gap.
    pub(crate) fn are_closed(&self) -> bool {
        self.state().begins.is_empty()
    }

    /// The empty page that a `GetRecords` in a gap gets.
    pub(crate) fn page(&self, request: &Request) -> Option<Response> {
        let (read, place) = behind_mark(iterator(request));
        let is_in_gap = match read {
            0 => {
                let state = self.state();
                let place = state.places.get(place);
                place.is_some_and(|place| state.begins.contains(place))
            }
            read => read < PAGES,
        };
        (request.operation == "GetRecords" && is_in_gap).then(|| {
            Response::ok(json!({
                "Records": [],
                "NextShardIterator": format!("{MARK}{}-{place}", read + 1),
                "MillisBehindLatest": BEHIND_MILLISECONDS,
            }))
        })
    }

    /// The request for what lies behind a gap that has been read to its end.
    pub(crate) fn behind(&self, request: &Request) -> Option<Request> {
        let (read, place) = behind_mark(iterator(request));
        (read > 0).then(|| {
            let mut request = request.clone();
            request.body["ShardIterator"] = json!(place);
            request
        })
    }

    /// After which record an iterator stands: `""` before the first one. `None` where that is not known.
    pub(crate) fn after(&self, request: &Request) -> Option<String> {
        let state = self.state();
        let (_, after) = state.places.get(iterator(request))?;
        let number = after.split(',').next();
        number.map(str::to_owned)
    }

    /// Remembers where the iterator in an answer stands. `came_through` tells of a request that has read a gap to its end.
    pub(crate) fn watch(&self, request: &Request, response: &Response, came_through: bool) {
        let text = |key: &str| request.body[key].as_str().unwrap_or_default().to_owned();
        let mut state = self.state();
        match request.operation.as_str() {
            "GetShardIterator" => {
                // Before the first record there is none.
                let after = match text("ShardIteratorType").as_str() {
                    "TRIM_HORIZON" => String::new(),
                    "AFTER_SEQUENCE_NUMBER" => text("StartingSequenceNumber"),
                    other => format!("{other} {}", text("StartingSequenceNumber")),
                };
                if let Some(next) = response.body["ShardIterator"].as_str() {
                    state
                        .places
                        .insert(next.to_owned(), (text("ShardId"), after));
                }
            }
            "GetRecords" => {
                let before = state.places.get(&text("ShardIterator")).cloned();
                let last = elements(&response.body["Records"])
                    .last()
                    .and_then(|record| record["SequenceNumber"].as_str());
                if let (Some((shard, after)), Some(next)) =
                    (before, response.body["NextShardIterator"].as_str())
                {
                    let after = match last {
                        Some(last) => last.to_owned(),
                        // Behind a gap is another place than before it, also where no record lies between them.
                        None if came_through => format!("{after}, behind a gap"),
                        None => after,
                    };
                    state.places.insert(next.to_owned(), (shard, after));
                }
            }
            _ => {}
        }
    }
}

fn iterator(request: &Request) -> &str {
    request.body["ShardIterator"].as_str().unwrap_or_default()
}

/// How many pages of a gap lie behind an iterator, and the iterator without that mark.
fn behind_mark(iterator: &str) -> (u32, &str) {
    iterator
        .strip_prefix(MARK)
        .and_then(|marked| marked.split_once('-'))
        .and_then(|(read, iterator)| Some((read.parse().ok()?, iterator)))
        .unwrap_or((0, iterator))
}
