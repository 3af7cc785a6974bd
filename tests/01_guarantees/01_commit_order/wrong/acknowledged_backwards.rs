//! expect: REGRESSED after no-fault
//!
//! Commits from the newest record to the oldest, as a stack of acknowledgements would: the position ends at the start.

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
    let mut records = consumer.read().await?;
    for record in &records {
        consumer.process(record, 3).await?;
    }
    while let Some(record) = records.pop() {
        consumer.commit(&record).await?;
    }
    Ok(())
}
