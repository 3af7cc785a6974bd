//! At least once in pairs: the position is saved after every second record, and at the end.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for pair in consumer.read().await?.chunks(2) {
        if let Some(last) = pair.last() {
            consumer.commit(last).await?;
        }
        for record in pair {
            consumer.process(record, 1).await?;
        }
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for pair in consumer.read().await?.chunks(2) {
        for record in pair {
            consumer.process(record, 3).await?;
        }
        if let Some(last) = pair.last() {
            consumer.commit(last).await?;
        }
    }
    Ok(())
}
