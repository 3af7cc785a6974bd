//! Save behind work that finishes out of order: the reference.

#[path = "../../../../exercises/03_checkpointing/05_low_watermark/src/worker.rs"]
mod worker;

pub use worker::{Error, Record, Worker};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// How many records may be in flight at one time.
pub const IN_FLIGHT: usize = 4;

// ANCHOR: process
/// Handles what [`Worker::read`] gives, and saves the position behind it.
///
/// # Errors
///
/// What [`Worker::handle`] or [`Worker::save`] said.
pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let handle = async |at: usize| (at, worker.handle(&records[at]).await);
    let mut is_done = vec![false; records.len()];
    // How many records from the first one on are done: the low watermark.
    let mut prefix = 0;
    let mut next = 0;
    // The first record, in the order of the shard, that failed.
    let mut failed: Option<(usize, Error)> = None;
    let mut in_flight = FuturesUnordered::new();
    loop {
        // After a failure nothing new begins. What is in flight may still belong to the prefix.
        while failed.is_none() && next < records.len() && in_flight.len() < IN_FLIGHT {
            in_flight.push(handle(next));
            next += 1;
        }
        let Some((at, result)) = in_flight.next().await else {
            break;
        };
        match result {
            Ok(()) => is_done[at] = true,
            Err(error) => {
                if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                    failed = Some((at, error));
                }
            }
        }
        let before = prefix;
        while is_done.get(prefix) == Some(&true) {
            prefix += 1;
        }
        if prefix > before {
            worker.save(&records[prefix - 1]).await?;
        }
    }
    match failed {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}
// ANCHOR_END: process
