//! `buffered` gives the results in the order of the records, whatever finishes first.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut results = stream::iter(&records)
        .map(async |record| (record, worker.handle(record).await))
        .buffered(IN_FLIGHT);
    while let Some((record, result)) = results.next().await {
        result?;
        worker.save(record).await?;
    }
    Ok(())
}
