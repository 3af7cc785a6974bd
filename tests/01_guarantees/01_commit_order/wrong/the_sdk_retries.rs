//! expect: DUPLICATE after lost-response
//!
//! The order is right, and the SDK's retries are forgotten: it sends an increment again whose answer was lost.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        consumer.process(&record, 3).await?;
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
