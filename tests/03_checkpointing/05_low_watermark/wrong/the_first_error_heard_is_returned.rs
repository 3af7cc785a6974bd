//! expect: CORRUPT after no-fault
//!
//! Stops at the first record that fails, and returns the error that it heard first, which is that of a later one.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use futures_util::stream::{FuturesUnordered, StreamExt};

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut done = vec![false; records.len()];
    let (mut next, mut low, mut stop) = (0, 0, records.len());
    let mut error = None;
    let mut work = FuturesUnordered::new();
    loop {
        while next < stop && work.len() < IN_FLIGHT {
            let i = next;
            let r = &records[i];
            work.push(async move { (i, worker.handle(r).await) });
            next += 1;
        }
        let Some((i, result)) = work.next().await else {
            break;
        };
        match result {
            Ok(()) => done[i] = true,
            Err(e) if i < stop => {
                stop = i;
                error = error.or(Some(e));
            }
            Err(_) => {}
        }
        let before = low;
        while low < stop && done[low] {
            low += 1;
        }
        if low > before {
            worker.save(&records[low - 1]).await?;
        }
    }
    error.map_or(Ok(()), Err)
}
