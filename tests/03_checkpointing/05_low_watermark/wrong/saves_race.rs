//! expect: REGRESSED after lost-response
//!
//! Saves in tasks of their own: a save whose answer is lost comes again after a later one.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::task::JoinSet;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut results = stream::iter(records)
        .map(|record| {
            let worker = worker.clone();
            async move { worker.handle(&record).await.map(|()| record) }
        })
        .buffered(IN_FLIGHT);
    let mut saves = JoinSet::new();
    let mut outcome = Ok(());
    while let Some(result) = results.next().await {
        match result {
            Ok(record) => {
                let worker = worker.clone();
                saves.spawn(async move { worker.save(&record).await });
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    while let Some(saved) = saves.join_next().await {
        saved??;
    }
    outcome
}
