//! At least once, where each commit but the last may fail: the next one moves the position just as far.

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
    let mut committed = Ok(());
    for record in consumer.read().await? {
        consumer.process(&record, 3).await?;
        committed = consumer.commit(&record).await;
    }
    committed
}
