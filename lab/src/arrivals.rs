//! Records that arrive while a run goes on.
//!
//! They are in the stream from the beginning, and nobody sees them before their time: a `GetRecords` ends where the present
//! end of the shard is, and says that its reader has caught up. As soon as somebody has read that far, more arrive.

use crate::locked::locked;
use crate::request::{Request, Response, elements};
use serde_json::json;
use std::sync::Mutex;

/// What of a stream's records has arrived in a run. The stream has one shard.
#[derive(Default)]
pub(crate) struct Arrivals {
    /// The sequence numbers of all its records.
    numbers: Vec<String>,
    /// How many are there at first, and after each arrival but the last: then all are there.
    steps: Vec<usize>,
    /// How many arrivals there have been.
    arrived: Mutex<usize>,
}

/// What a `GetRecords` may see.
pub(crate) enum Sight {
    /// Whatever is in the stream.
    All,
    /// No more than so many records: the present end lies behind them.
    Next(usize),
}

impl Arrivals {
    /// A stream with these records, of which so many are there at first and after each arrival but the last.
    pub(crate) fn new(numbers: Vec<String>, steps: &[usize]) -> Self {
        Arrivals {
            numbers,
            steps: steps.to_vec(),
            arrived: Mutex::default(),
        }
    }

    /// How many arrivals there have been.
    pub(crate) fn count(&self) -> usize {
        *locked(&self.arrived)
    }

    /// As many as in another run that came to the same state.
    pub(crate) fn go_to(&self, count: usize) {
        *locked(&self.arrived) = count;
    }

    /// What a request may see. `after` is the sequence number of the record after which its iterator stands, empty before the
    /// first one; it is only asked for where that matters.
    pub(crate) fn sight(&self, request: &Request, after: impl FnOnce() -> Option<String>) -> Sight {
        let end = self.steps.get(self.count());
        let (Some(end), true) = (end, request.operation == "GetRecords") else {
            return Sight::All;
        };
        let done = after().and_then(|number| match number.is_empty() {
            true => Some(0),
            false => Some(1 + self.numbers.iter().position(|known| *known == number)?),
        });
        Sight::Next(end.saturating_sub(done.unwrap_or(*end)))
    }

    /// The page of whoever stands at the present end.
    pub(crate) fn nothing_new(request: &Request) -> Response {
        Response::ok(json!({
            "Records": [],
            "NextShardIterator": request.body["ShardIterator"],
            "MillisBehindLatest": 0,
        }))
    }

    /// A page of whoever may see so many records: who has them all has caught up, and more arrive.
    pub(crate) fn seen(&self, page: &mut Response, most: usize) {
        if page.is_ok() && elements(&page.body["Records"]).count() >= most {
            page.body["MillisBehindLatest"] = json!(0);
            *locked(&self.arrived) += 1;
        }
    }
}
