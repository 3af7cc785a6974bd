//! Four tasks take the next record each, and report on a channel to the one that saves.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::mpsc;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records: Arc<[Record]> = worker.read().await?.into();
    let next = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let (report, mut reports) = mpsc::unbounded_channel();
    for _ in 0..IN_FLIGHT {
        let (worker, records, next) = (worker.clone(), records.clone(), next.clone());
        let (report, stop) = (report.clone(), stop.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let at = next.fetch_add(1, Ordering::SeqCst);
                let Some(record) = records.get(at) else {
                    break;
                };
                let result = worker.handle(record).await;
                if result.is_err() {
                    stop.store(true, Ordering::SeqCst);
                }
                if report.send((at, result)).is_err() {
                    break;
                }
            }
        });
    }
    drop(report);
    let (mut done, mut prefix, mut failed) = (vec![false; records.len()], 0, None);
    while let Some((at, result)) = reports.recv().await {
        done[at] = result.is_ok();
        if let Err(error) = result
            && failed.as_ref().is_none_or(|(first, _)| at < *first)
        {
            failed = Some((at, error));
        }
        let reached = done.iter().take_while(|done| **done).count();
        if reached > prefix {
            prefix = reached;
            worker.save(&records[prefix - 1]).await?;
        }
    }
    failed.map_or(Ok(()), |(_, error)| Err(error))
}
