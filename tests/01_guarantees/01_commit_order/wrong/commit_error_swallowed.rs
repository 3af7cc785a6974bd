//! expect: DUPLICATE after throttled-out+crash-after
//!
//! Processes although the commit has failed: the record is read again, and processed again.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        let _ = consumer.commit(&record).await;
        consumer.process(&record, 1).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.process(&record, 3).await?;
        consumer.commit(&record).await?;
    }
    Ok(())
}
