//! expect: STUCK after denied
//!
//! Handles a record again until it succeeds: one that is broken is handled for ever.

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
            let (at, record) = (next, &records[next]);
            flight.push(async move {
                loop {
                    if worker.handle(record).await.is_ok() {
                        return (at, Ok::<(), Error>(()));
                    }
                }
            });
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
