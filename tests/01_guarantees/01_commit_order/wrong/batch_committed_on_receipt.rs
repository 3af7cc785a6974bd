//! expect: LOST after crash-before
//!
//! Commits the whole batch as soon as it has been read, "so that nobody else takes it", then processes it.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        consumer.process(&record, 1).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    if let Some(last) = records.last() {
        consumer.commit(last).await?;
    }
    for record in &records {
        while consumer.process(record, 3).await.is_err() {}
    }
    Ok(())
}
