//! expect: LOST after no-fault
//!
//! Commits before it processes, and skips what it has just committed: reads again after each record.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    while let Some(record) = consumer.read().await?.first() {
        consumer.commit(record).await?;
        let Some(next) = consumer.read().await?.first().cloned() else {
            break;
        };
        consumer.process(&next, 1).await?;
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
