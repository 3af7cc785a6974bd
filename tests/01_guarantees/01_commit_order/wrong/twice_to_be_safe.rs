//! expect: DUPLICATE after no-fault
//!
//! "At least once" taken literally: each record is processed again after its commit, to be on the safe side.

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
        consumer.process(&record, 3).await?;
        consumer.commit(&record).await?;
        consumer.process(&record, 3).await?;
    }
    Ok(())
}
