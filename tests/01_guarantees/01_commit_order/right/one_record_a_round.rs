//! Reads again after each record: one record a round, until nothing is left.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    while let Some(record) = consumer.read().await?.first() {
        consumer.commit(record).await?;
        consumer.process(record, 1).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    loop {
        let records = consumer.read().await?;
        let Some(record) = records.first() else {
            return Ok(());
        };
        consumer.process(record, 3).await?;
        consumer.commit(record).await?;
    }
}
