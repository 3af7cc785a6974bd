//! expect: CORRUPT after no-fault
//!
//! Begins new records up to the end of the shard, although one before them has failed: only the position stops.

mod worker;
use futures_util::{
    StreamExt, stream::FuturesUnordered,
};
pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut done = vec![false; records.len()];
    let (mut prefix, mut next) = (0, 0);
    let mut failed: Option<(usize, Error)> = None;
    let mut in_flight = FuturesUnordered::new();
    loop {
        while next < records.len() && in_flight.len() < IN_FLIGHT {
            let (at, record) = (next, &records[next]);
            in_flight.push(async move { (at, worker.handle(record).await) });
            next += 1;
        }
        let Some((at, result)) = in_flight.next().await else {
            break;
        };
        match result {
            Ok(()) => done[at] = true,
            Err(error) => {
                if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                    failed = Some((at, error));
                }
            }
        }
        let before = prefix;
        while prefix < records.len() && done[prefix] {
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
