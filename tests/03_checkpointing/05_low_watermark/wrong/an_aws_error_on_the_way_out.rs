//! expect: LOST after throttled-out
//!
//! Awaits what is in flight beside a broken record, and takes whatever is not broken itself for done: AWS may have refused it.

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
            let (mut first, mut first_error) = (i, e);
            while let Some((j, result)) = work.next().await {
                match result {
                    Err(other) if other.to_string().contains("cannot be handled") => {
                        if j < first {
                            first = j;
                            first_error = other;
                        }
                    }
                    _ => done[j] = true,
                }
            }
            let before = low;
            while low < records.len() && done[low] {
                low += 1;
            }
            if low > before {
                worker.save(&records[low - 1]).await?;
            }
            return Err(first_error);
        }
        done[i] = true;
        while low < records.len() && done[low] {
            worker.save(&records[low]).await?;
            low += 1;
        }
    }
    Ok(())
}
