//! While a record is processed the next one is committed, or the other way round. Each record keeps its order.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use futures_util::future::join;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    let mut before: Option<Record> = None;
    for record in consumer.read().await? {
        match before.replace(record.clone()) {
            None => consumer.commit(&record).await?,
            Some(before) => {
                let (committed, processed) =
                    join(consumer.commit(&record), consumer.process(&before, 1)).await;
                committed?;
                processed?;
            }
        }
    }
    match before {
        Some(last) => consumer.process(&last, 1).await,
        None => Ok(()),
    }
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    let mut before: Option<Record> = None;
    for record in consumer.read().await? {
        match before.replace(record.clone()) {
            None => consumer.process(&record, 3).await?,
            Some(before) => {
                let (processed, committed) =
                    join(consumer.process(&record, 3), consumer.commit(&before)).await;
                processed?;
                committed?;
            }
        }
    }
    match before {
        Some(last) => consumer.commit(&last).await,
        None => Ok(()),
    }
}
