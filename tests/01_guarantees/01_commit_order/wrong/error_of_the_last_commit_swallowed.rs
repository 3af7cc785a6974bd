//! expect: DUPLICATE after throttled-out+redelivered
//!
//! Processes the last record although its commit has failed, "since nothing comes behind it": the next worker does.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    for (i, record) in records.iter().enumerate() {
        let committed = consumer.commit(record).await;
        if i + 1 < records.len() {
            committed?;
        }
        consumer.process(record, 1).await?;
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
