//! Fire and forget on one side, retry until it works on the other: both keep their promise.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        // Whatever came of it: this record is behind us.
        let _ = consumer.process(&record, 1).await;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        while consumer.process(&record, 2).await.is_err() {}
        while consumer.commit(&record).await.is_err() {}
    }
    Ok(())
}
