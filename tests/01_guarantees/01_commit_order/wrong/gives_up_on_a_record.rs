//! expect: LOST after throttled-out+throttled-out
//!
//! Tries a record twice, and goes on to the next one: the commit behind it says that it is done.

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
        if consumer.process(&record, 3).await.is_err() {
            if let Err(error) = consumer.process(&record, 3).await {
                eprintln!("giving up on {}: {error}", record.payment.event_id);
            }
        }
        consumer.commit(&record).await?;
    }
    Ok(())
}
