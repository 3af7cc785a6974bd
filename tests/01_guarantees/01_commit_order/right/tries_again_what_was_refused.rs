//! Its own retries: at most once only where DynamoDB says that it has done nothing, at least once whatever has failed.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        let mut left = 4;
        while let Err(error) = consumer.process(&record, 1).await {
            left -= 1;
            if left == 0 || !was_refused(&error) {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Did DynamoDB itself answer that it has done nothing?
fn was_refused(error: &Error) -> bool {
    let Some(error) = error.downcast_ref::<SdkError<UpdateItemError>>() else {
        return false;
    };
    matches!(
        error.as_service_error().and_then(|error| error.code()),
        Some(
            "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
        )
    )
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        let mut left = 5;
        while let Err(error) = consumer.process(&record, 1).await {
            left -= 1;
            if left == 0 {
                return Err(error);
            }
        }
        consumer.commit(&record).await?;
    }
    Ok(())
}
