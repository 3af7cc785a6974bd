//! Additions commute: a batch is processed side by side, before or after its last record is committed.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use futures_util::future::join_all;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    if let Some(last) = records.last() {
        consumer.commit(last).await?;
    }
    all(consumer, &records, 1).await
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    all(consumer, &records, 3).await?;
    match records.last() {
        Some(last) => consumer.commit(last).await,
        None => Ok(()),
    }
}

async fn all(consumer: &Consumer, records: &[Record], attempts: u32) -> Result<(), Error> {
    let processed = records
        .iter()
        .map(|record| consumer.process(record, attempts));
    join_all(processed).await.into_iter().collect()
}
