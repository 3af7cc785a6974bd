//! A batch at a time: one commit for all records that were read. Loses or repeats more at once, and promises the same.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    if let Some(last) = records.last() {
        consumer.commit(last).await?;
    }
    for record in &records {
        consumer.process(record, 1).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    let records = consumer.read().await?;
    for record in &records {
        consumer.process(record, 3).await?;
    }
    match records.last() {
        Some(last) => consumer.commit(last).await,
        None => Ok(()),
    }
}
