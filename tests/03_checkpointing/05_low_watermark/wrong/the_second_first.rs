//! expect: CORRUPT after no-fault
//!
//! Begins the second record of each pair before the first one.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut done = vec![false; records.len()];
    let (mut next, mut prefix, mut failed) = (0, 0, None);
    let mut flight = FuturesUnordered::new();
    loop {
        while failed.is_none() && flight.len() < IN_FLIGHT && next < records.len() {
            let at = if (next ^ 1) < records.len() {
                next ^ 1
            } else {
                next
            };
            let record = &records[at];
            flight.push(async move { (at, worker.handle(record).await) });
            next += 1;
        }
        let Some((at, result)) = flight.next().await else {
            break;
        };
        match result {
            Ok(()) => done[at] = true,
            Err(error) => failed = failed.or(Some(error)),
        }
        let before = prefix;
        while done.get(prefix) == Some(&true) {
            prefix += 1;
        }
        if prefix > before {
            worker.save(&records[prefix - 1]).await?;
        }
    }
    failed.map_or(Ok(()), Err)
}
