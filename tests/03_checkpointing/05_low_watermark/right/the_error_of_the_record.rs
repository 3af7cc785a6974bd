//! `buffered`, a save for every third record; what is left is saved after an error too, and the record's error is returned
//! whatever comes of that save.

mod worker;

pub use worker::{Error, Record, Worker};
pub const IN_FLIGHT: usize = 4;

use futures_util::stream::{self, StreamExt};

pub async fn process(worker: &Worker) -> Result<(), Error> {
    let records = worker.read().await?;
    let mut handled = stream::iter(&records)
        .map(|record| async move { worker.handle(record).await.map(|()| record) })
        .buffered(IN_FLIGHT)
        .enumerate();
    let mut unsaved = None;
    let mut result = Ok(());
    while let Some((at, record)) = handled.next().await {
        match record {
            Ok(record) if at % 3 == 2 => {
                worker.save(record).await?;
                unsaved = None;
            }
            Ok(record) => unsaved = Some(record),
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    if let Some(record) = unsaved {
        let saved = worker.save(record).await;
        result = result.and(saved);
    }
    result
}
