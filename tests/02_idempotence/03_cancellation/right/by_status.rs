//! For what is no cancellation: 5xx may pass, of 4xx only what says so itself.

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
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        let mut decision = Decision::TryAgain;
        for (action, reason) in cancelled.cancellation_reasons().iter().enumerate().rev() {
            decision = match (action, reason.code(), decision) {
                (0, Some("ConditionalCheckFailed"), _) => Decision::Duplicate,
                (_, _, Decision::OursToFix) => Decision::OursToFix,
                (_, Some("ValidationError" | "ItemCollectionSizeLimitExceeded"), _) => {
                    Decision::OursToFix
                }
                (1, Some("ConditionalCheckFailed"), _) => Decision::Overdraft,
                (0, Some("None"), Decision::Overdraft) => Decision::Overdraft,
                _ => Decision::TryAgain,
            };
        }
        return decision;
    }
    let Some(response) = error.raw_response() else {
        return match error {
            SdkError::ConstructionFailure(_) => Decision::OursToFix,
            _ => Decision::TryAgain,
        };
    };
    let code = error.code().unwrap_or_default();
    let passes = response.status().is_server_error()
        || ["Throttling", "Throughput", "LimitExceeded", "InProgress"]
            .into_iter()
            .any(|word| code.contains(word));
    if passes {
        Decision::TryAgain
    } else {
        Decision::OursToFix
    }
}
