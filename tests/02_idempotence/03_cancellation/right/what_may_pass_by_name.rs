//! Knows by name what may pass. What it does not know is ours to fix, a code of a reason as well.

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

fn passing_reason(code: &str) -> bool {
    matches!(
        code,
        "None"
            | "ConditionalCheckFailed"
            | "TransactionConflict"
            | "ProvisionedThroughputExceeded"
            | "ThrottlingError"
    )
}

pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    let SdkError::ServiceError(context) = error else {
        return match error {
            SdkError::ConstructionFailure(_) => Decision::OursToFix,
            _ => Decision::TryAgain,
        };
    };
    if let TransactWriteItemsError::TransactionCanceledException(c) = context.err() {
        let mut codes = c
            .cancellation_reasons()
            .iter()
            .map(|r| r.code().unwrap_or("no code"));
        let (Some(id), Some(balance)) = (codes.next(), codes.next()) else {
            return Decision::TryAgain;
        };
        if id == "ConditionalCheckFailed" {
            return Decision::Duplicate;
        }
        if !passing_reason(id) || !passing_reason(balance) {
            return Decision::OursToFix;
        }
        if id == "None" && balance == "ConditionalCheckFailed" {
            return Decision::Overdraft;
        }
        return Decision::TryAgain;
    }
    match context.err().code() {
        Some(
            "ThrottlingException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "Throttling"
            | "InternalServerError"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "TransactionInProgressException"
            | "LimitExceededException"
            | "RequestTimeout"
            | "SlowDown",
        ) => Decision::TryAgain,
        _ if context.raw().status().as_u16() >= 500 => Decision::TryAgain,
        _ => Decision::OursToFix,
    }
}
