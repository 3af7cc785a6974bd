//! Tasks of their own, and the set of what is in flight: everything before the least of it is done.

mod worker;

pub use worker::{Error, Record, Worker};

pub const IN_FLIGHT: usize = 4;

use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let (mut tasks, mut unfinished) = (JoinSet::new(), BTreeSet::new());
    let mut waiting = records.iter().enumerate();
    let (mut saved, mut failed) = (0, BTreeMap::new());
    loop {
        while failed.is_empty() && tasks.len() < IN_FLIGHT {
            let Some((at, record)) = waiting.next() else {
                break;
            };
            unfinished.insert(at);
            let (worker, record) = (worker.clone(), record.clone());
            tasks.spawn(async move { (at, worker.handle(&record).await) });
        }
        let Some(joined) = tasks.join_next().await else {
            break;
        };
        let begun = records.len() - waiting.len();
        match joined? {
            (at, Ok(())) => {
                unfinished.remove(&at);
            }
            // It stays among the unfinished: nothing behind it is ever saved.
            (at, Err(error)) => {
                failed.insert(at, error);
            }
        }
        let prefix = unfinished.first().copied().unwrap_or(begun);
        if prefix > saved {
            worker.save(&records[prefix - 1]).await?;
            saved = prefix;
        }
    }
    match failed.pop_first() {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}
