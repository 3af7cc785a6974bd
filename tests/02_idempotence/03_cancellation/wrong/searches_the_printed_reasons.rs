//! expect: LOST after no-fault
//!
//! Searches what the reasons print. An item is printed too, and it may hold any text.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

/// What a refused transaction means for the payment that it carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Duplicate,
    Overdraft,
    TryAgain,
    OursToFix,
}

pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    use TransactWriteItemsError as Refused;
    match error.as_service_error() {
        Some(Refused::TransactionCanceledException(cancelled)) => {
            decide_cancelled(cancelled.cancellation_reasons())
        }
        Some(
            Refused::TransactionInProgressException(_)
            | Refused::ProvisionedThroughputExceededException(_)
            | Refused::RequestLimitExceeded(_)
            | Refused::ThrottlingException(_)
            | Refused::InternalServerError(_),
        ) => Decision::TryAgain,
        Some(_) if is_server_error(error) => Decision::TryAgain,
        Some(_) => Decision::OursToFix,
        None if matches!(error, SdkError::ConstructionFailure(_)) => Decision::OursToFix,
        None => Decision::TryAgain,
    }
}

fn decide_cancelled(reasons: &[CancellationReason]) -> Decision {
    let printed = |action: usize| reasons.get(action).map(|reason| format!("{reason:?}"));
    let [id, balance] = [printed(0), printed(1)].map(Option::unwrap_or_default);
    let holds = |code: &str| id.contains(code) || balance.contains(code);
    if id.contains("\"ConditionalCheckFailed\"") {
        Decision::Duplicate
    } else if holds("\"ValidationError\"") || holds("\"ItemCollectionSizeLimitExceeded\"") {
        Decision::OursToFix
    } else if id.contains("\"None\"") && balance.contains("\"ConditionalCheckFailed\"") {
        Decision::Overdraft
    } else {
        Decision::TryAgain
    }
}

fn is_server_error(error: &SdkError<TransactWriteItemsError>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().is_server_error())
}
