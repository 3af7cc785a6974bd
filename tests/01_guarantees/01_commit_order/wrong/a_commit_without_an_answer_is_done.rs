//! expect: DUPLICATE after no-answer+crash-after
//!
//! Takes a commit for done when no answer to it comes: it may never have arrived.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        if let Err(e) = consumer.commit(&record).await {
            if e.downcast_ref::<SdkError<PutItemError>>()
                .is_some_and(|e| e.as_service_error().is_some())
            {
                return Err(e);
            }
        }
        consumer.process(&record, 1).await?;
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
