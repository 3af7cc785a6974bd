//! expect: LOST after throttled-out
//!
//! Logs an error and goes on, as if the record were done.

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
    let (mut done, mut prefix) = (vec![false; records.len()], 0);
    loop {
        while next < records.len() && in_flight.len() < IN_FLIGHT {
            in_flight.push(handle(next));
            next += 1;
        }
        let Some((at, result)) = in_flight.next().await else {
            break;
        };
        if let Err(error) = result {
            eprintln!("{error}");
        }
        done[at] = true;
        let before = prefix;
        while done.get(prefix) == Some(&true) {
            prefix += 1;
        }
        if prefix > before {
            worker.save(&records[prefix - 1]).await?;
        }
    }
    Ok(())
}
