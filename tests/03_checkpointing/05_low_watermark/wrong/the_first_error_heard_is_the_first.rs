//! expect: LOST after no-fault
//!
//! Takes the first error that it hears for the first one in the shard: an earlier record fails too, and the position passes it.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut done = vec![false; records.len()];
    let (mut next, mut prefix, mut failed) = (0, 0, None::<(usize, Error)>);
    let mut flight = FuturesUnordered::new();
    loop {
        while failed.is_none() && flight.len() < IN_FLIGHT && next < records.len() {
            let (at, record) = (next, &records[next]);
            flight.push(async move { (at, worker.handle(record).await) });
            next += 1;
        }
        let Some((at, result)) = flight.next().await else {
            break;
        };
        match result {
            Ok(()) => done[at] = true,
            Err(error) => failed = failed.or(Some((at, error))),
        }
        let before = prefix;
        while done.get(prefix) == Some(&true) {
            prefix += 1;
        }
        if prefix > before {
            worker.save(&records[prefix - 1]).await?;
        }
    }
    let Some((at, error)) = failed else {
        return Ok(());
    };
    if at > prefix {
        worker.save(&records[at - 1]).await?;
    }
    Err(error)
}
