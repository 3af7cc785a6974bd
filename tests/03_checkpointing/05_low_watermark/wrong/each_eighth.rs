//! expect: DUPLICATE after no-fault
//!
//! Saves after each eighth record, and at the end.

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
    let mut unsaved: Vec<Record> = Vec::new();
    let mut outcome = Ok(());
    while let Some(result) = results.next().await {
        match result {
            Ok(record) => unsaved.push(record),
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
        if unsaved.len() == 8 {
            worker.save(&unsaved[7]).await?;
            unsaved.clear();
        }
    }
    if let Some(last) = unsaved.last() {
        worker.save(last).await?;
    }
    outcome
}
