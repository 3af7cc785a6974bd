//! expect: STUCK after no-fault
//!
//! The first reason decides, and an overdraft is tried again for ever.

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
                _ => Decision::TryAgain,
            }
        }
        Some(
            TransactWriteItemsError::IdempotentParameterMismatchException(_)
            | TransactWriteItemsError::ResourceNotFoundException(_),
        ) => Decision::OursToFix,
        Some(error) if error.meta().code() == Some("ValidationException") => Decision::OursToFix,
        _ => Decision::TryAgain,
    }
}
