//! A stream of futures in their order, of which nobody polls any while a position is saved.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut results = stream::iter(records)
        .map(|record| {
            let worker = worker.clone();
            async move { worker.handle(&record).await.map(|()| record) }
        })
        .buffered(IN_FLIGHT);
    while let Some(result) = results.next().await {
        let record = result?;
        worker.save(&record).await?;
    }
    Ok(())
}
