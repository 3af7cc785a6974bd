//! expect: DUPLICATE after no-fault
//!
//! Awaits what lies before a record that fails, and returns at once when one of those fails too: what lies before that one is left behind.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use futures_util::stream::{FuturesUnordered, StreamExt};

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut done = vec![false; records.len()];
    let (mut next, mut low) = (0, 0);
    let mut work = FuturesUnordered::new();
    loop {
        while next < records.len() && work.len() < IN_FLIGHT {
            let i = next;
            let r = &records[i];
            work.push(async move { (i, worker.handle(r).await) });
            next += 1;
        }
        let Some((i, result)) = work.next().await else {
            break;
        };
        if let Err(e) = result {
            while low < i {
                let Some((j, result)) = work.next().await else {
                    break;
                };
                result?;
                done[j] = true;
                while low < i && done[low] {
                    worker.save(&records[low]).await?;
                    low += 1;
                }
            }
            return Err(e);
        }
        done[i] = true;
        while low < records.len() && done[low] {
            worker.save(&records[low]).await?;
            low += 1;
        }
    }
    Ok(())
}
