//! expect: DUPLICATE after no-fault
//!
//! Handles groups of four, and saves nothing of a group with a broken record, not even what comes before it.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::future::try_join_all;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    for group in records.chunks(IN_FLIGHT) {
        try_join_all(group.iter().map(|record| worker.handle(record))).await?;
        worker.save(&group[group.len() - 1]).await?;
    }
    Ok(())
}
