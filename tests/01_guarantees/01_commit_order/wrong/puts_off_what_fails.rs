//! expect: LOST after throttled-out+crash-after
//!
//! Keeps what cannot be processed for later, in memory, and commits the records behind it.

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
    let mut failed = Vec::new();
    for record in consumer.read().await? {
        if consumer.process(&record, 3).await.is_err() {
            failed.push(record.clone());
        }
        consumer.commit(&record).await?;
    }
    for record in &failed {
        consumer.process(record, 3).await?;
    }
    Ok(())
}
