//! expect: LOST after no-fault
//!
//! No answer came, so it was probably applied. Probably.

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
        None => match error {
            SdkError::ConstructionFailure(_) => Decision::OursToFix,
            SdkError::ResponseError(_) => Decision::TryAgain,
            _ => Decision::Duplicate,
        },
        Some(
            TransactWriteItemsError::IdempotentParameterMismatchException(_)
            | TransactWriteItemsError::ResourceNotFoundException(_),
        ) => Decision::OursToFix,
        Some(error) if error.meta().code() == Some("ValidationException") => Decision::OursToFix,
        Some(error) if error.meta().code() == Some("AccessDeniedException") => Decision::OursToFix,
        Some(error)
            if matches!(
                error.meta().code(),
                Some(
                    "SerializationException"
                        | "UnrecognizedClientException"
                        | "MissingAuthenticationTokenException"
                )
            ) =>
        {
            Decision::OursToFix
        }
        _ => Decision::TryAgain,
    }
}
