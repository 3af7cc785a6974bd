//! expect: LOST after no-answer
//!
//! Processes and commits at the same time, to save a round trip: the commit may be through when the processing fails.

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
        let (processed, committed) =
            futures_util::future::join(consumer.process(&record, 3), consumer.commit(&record))
                .await;
        processed?;
        committed?;
    }
    Ok(())
}
