//! Four at a time, and all four must end before the next four begin.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use futures_util::future::join_all;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    for chunk in records.chunks(IN_FLIGHT) {
        let results = join_all(chunk.iter().map(|record| worker.handle(record))).await;
        let done = results.iter().take_while(|result| result.is_ok()).count();
        if done > 0 {
            worker.save(&chunk[done - 1]).await?;
        }
        results.into_iter().collect::<Result<Vec<()>, Error>>()?;
    }
    Ok(())
}
