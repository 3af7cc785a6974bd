//! expect: STUCK after no-fault
//!
//! Handles one record at a time: safe, and too slow.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    for record in worker.read().await? {
        worker.handle(&record).await?;
        worker.save(&record).await?;
    }
    Ok(())
}
