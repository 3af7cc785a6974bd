//! expect: LOST after no-answer
//!
//! Takes a call without an answer for one that was applied. It may have been lost on the way.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        consumer.process(&record, 1).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        if let Err(error) = consumer.process(&record, 1).await {
            match error.downcast_ref::<SdkError<UpdateItemError>>() {
                // DynamoDB did the work; only its answer did not arrive.
                Some(
                    SdkError::DispatchFailure(_)
                    | SdkError::TimeoutError(_)
                    | SdkError::ResponseError(_),
                ) => {}
                _ => return Err(error),
            }
        }
        consumer.commit(&record).await?;
    }
    Ok(())
}
