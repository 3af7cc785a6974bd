//! expect: LOST after no-answer
//!
//! An error of `process` is logged and swallowed, and the record is committed all the same.

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
        if let Err(error) = consumer.process(&record, 3).await {
            eprintln!("could not process {}: {error}", record.payment.event_id);
        }
        consumer.commit(&record).await?;
    }
    Ok(())
}
