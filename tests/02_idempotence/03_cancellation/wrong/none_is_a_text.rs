//! expect: STUCK after no-fault
//!
//! Takes "not at fault" for the absence of a code. It is the text `None`, so no overdraft is ever found.

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
            let codes: Vec<Option<&str>> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code())
                .collect();
            match codes.as_slice() {
                [Some("ConditionalCheckFailed"), _] => Decision::Duplicate,
                [None, Some("ConditionalCheckFailed")] => Decision::Overdraft,
                codes if codes.contains(&Some("ValidationError")) => Decision::OursToFix,
                codes if codes.contains(&Some("ItemCollectionSizeLimitExceeded")) => {
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
