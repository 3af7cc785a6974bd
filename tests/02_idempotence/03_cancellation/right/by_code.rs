//! Every error by its code, as a text: one table for all.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
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
    match error.code() {
        Some("TransactionCanceledException") => {}
        Some(
            "IdempotentParameterMismatchException"
            | "ResourceNotFoundException"
            | "ValidationException"
            | "AccessDeniedException"
            | "UnrecognizedClientException"
            | "MissingAuthenticationTokenException"
            | "SerializationException",
        ) => return Decision::OursToFix,
        // Without an answer there is no code.
        None if matches!(error, SdkError::ConstructionFailure(_)) => return Decision::OursToFix,
        _ => return Decision::TryAgain,
    }
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return Decision::TryAgain;
    };
    let code = |action: usize| {
        cancelled
            .cancellation_reasons()
            .get(action)
            .and_then(|reason| reason.code())
            .unwrap_or("")
    };
    let (id, balance) = (code(0), code(1));
    if id == "ConditionalCheckFailed" {
        Decision::Duplicate
    } else if matches!(id, "ValidationError" | "ItemCollectionSizeLimitExceeded")
        || matches!(
            balance,
            "ValidationError" | "ItemCollectionSizeLimitExceeded"
        )
    {
        Decision::OursToFix
    } else if id == "None" && balance == "ConditionalCheckFailed" {
        Decision::Overdraft
    } else {
        Decision::TryAgain
    }
}
