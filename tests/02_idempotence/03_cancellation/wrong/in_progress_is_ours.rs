//! expect: STUCK after no-fault
//!
//! Cancellations are read well; an attempt that meets its own predecessor is called a bug.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// What a refused transaction means for the payment that it carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Duplicate,
    Overdraft,
    TryAgain,
    OursToFix,
}

pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let codes: Vec<&str> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or_default())
                .collect();
            match codes.as_slice() {
                ["ConditionalCheckFailed", _] => Decision::Duplicate,
                codes
                    if codes.contains(&"ValidationError")
                        || codes.contains(&"ItemCollectionSizeLimitExceeded") =>
                {
                    Decision::OursToFix
                }
                ["None", "ConditionalCheckFailed"] => Decision::Overdraft,
                _ => Decision::TryAgain,
            }
        }
        Some(
            TransactWriteItemsError::ThrottlingException(_)
            | TransactWriteItemsError::ProvisionedThroughputExceededException(_)
            | TransactWriteItemsError::RequestLimitExceeded(_)
            | TransactWriteItemsError::InternalServerError(_),
        )
        | None => Decision::TryAgain,
        Some(_) => Decision::OursToFix,
    }
}
