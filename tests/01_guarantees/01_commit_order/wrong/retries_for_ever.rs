//! expect: STUCK after denied
//!
//! Tries a record again until it works: where AWS refuses it for good nobody ever hears of it.

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
    for record in consumer.read().await? {
        while consumer.process(&record, 3).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        consumer.commit(&record).await?;
    }
    Ok(())
}
