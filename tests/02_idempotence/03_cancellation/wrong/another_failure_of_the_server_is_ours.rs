//! expect: STUCK after no-fault
//!
//! Knows what may pass by its code only: a failure of the server with another code wakes somebody up.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
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
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let codes: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or_default())
            .collect();
        let never = ["ValidationError", "ItemCollectionSizeLimitExceeded"];
        return match codes.as_slice() {
            ["ConditionalCheckFailed", ..] => Decision::Duplicate,
            codes if codes.iter().any(|code| never.contains(code)) => Decision::OursToFix,
            ["None", "ConditionalCheckFailed"] => Decision::Overdraft,
            _ => Decision::TryAgain,
        };
    }
    match error {
        SdkError::ConstructionFailure(_) => Decision::OursToFix,
        SdkError::ServiceError(refused) => match refused.err().code() {
            Some(
                "InternalServerError"
                | "ServiceUnavailable"
                | "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "TransactionInProgressException",
            ) => Decision::TryAgain,
            _ => Decision::OursToFix,
        },
        _ => Decision::TryAgain,
    }
}
