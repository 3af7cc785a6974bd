//! A task of its own saves the newest position, whenever it is free.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as SyncMutex};
use tokio::sync::{mpsc, watch};

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records: Arc<[Record]> = worker.read().await?.into();
    let queue = Arc::new(SyncMutex::new((0usize, false)));
    let (finished, mut results) = mpsc::unbounded_channel();
    let (newest, mut changed) = watch::channel(0usize);
    for _ in 0..IN_FLIGHT {
        let (queue, records, worker, finished) = (
            queue.clone(),
            records.clone(),
            worker.clone(),
            finished.clone(),
        );
        tokio::spawn(async move {
            loop {
                let (at, mut handling) = {
                    let mut queue = queue.lock().expect("not poisoned");
                    let (at, stopped) = *queue;
                    if stopped || at == records.len() {
                        return;
                    }
                    queue.0 += 1;
                    let handling = Box::pin(worker.handle(&records[at]));
                    (at, handling)
                };
                let result = handling.as_mut().await;
                if result.is_err() {
                    queue.lock().expect("not poisoned").1 = true;
                }
                if finished.send((at, result)).is_err() {
                    return;
                }
            }
        });
    }
    drop(finished);
    let saver = async {
        let mut saved = 0;
        loop {
            let is_over = changed.changed().await.is_err();
            let prefix = *changed.borrow_and_update();
            if prefix > saved {
                worker.save(&records[prefix - 1]).await?;
                saved = prefix;
            }
            if is_over {
                return Ok::<(), Error>(());
            }
        }
    };
    let tracker = async {
        let newest = newest;
        let mut early = BTreeSet::new();
        let mut prefix = 0;
        let mut failed: Option<(usize, Error)> = None;
        while let Some((at, result)) = results.recv().await {
            match result {
                Ok(()) => drop(early.insert(at)),
                Err(error) if failed.as_ref().is_none_or(|(first, _)| at < *first) => {
                    failed = Some((at, error));
                }
                Err(_) => {}
            }
            let before = prefix;
            while early.remove(&prefix) {
                prefix += 1;
            }
            if prefix > before {
                newest.send_replace(prefix);
            }
        }
        failed.map_or(Ok(()), |(_, error)| Err(error))
    };
    let (saved, handled) = tokio::join!(saver, tracker);
    saved.and(handled)
}
