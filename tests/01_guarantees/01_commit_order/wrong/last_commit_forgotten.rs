//! expect: STUCK after no-fault
//!
//! Commits every second record to save writes, and forgets the rest when the batch ends.

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
    for (i, record) in consumer.read().await?.iter().enumerate() {
        consumer.process(record, 3).await?;
        if i % 2 == 0 {
            consumer.commit(record).await?;
        }
    }
    Ok(())
}
