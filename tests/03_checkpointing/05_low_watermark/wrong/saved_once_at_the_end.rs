//! expect: DUPLICATE after no-fault
//!
//! Saves when everything is done: a crash repeats it all.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let handle = async |at: usize| (at, worker.handle(&records[at]).await);
    let mut in_flight = FuturesUnordered::new();
    let mut next = 0;

    loop {
        while next < records.len() && in_flight.len() < IN_FLIGHT {
            in_flight.push(handle(next));
            next += 1;
        }
        let Some((at, result)) = in_flight.next().await else {
            break;
        };
        if let Err(error) = result {
            return Err(error);
        }
        let _ = at;
    }
    if let Some(last) = records.last() {
        worker.save(last).await?;
    }
    Ok(())
}
