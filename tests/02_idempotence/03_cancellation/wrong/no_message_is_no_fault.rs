//! expect: LOST after no-fault
//!
//! Takes an action whose reason has no message for one that was not at fault: a conflict without one becomes an overdraft.

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
    let code = |action: usize| reasons.get(action).and_then(CancellationReason::code);
    let codes = [0, 1].map(|action| match reasons.get(action) {
        Some(reason)
            if reason.message().is_none() && code(action) != Some("ConditionalCheckFailed") =>
        {
            "None"
        }
        _ => code(action).unwrap_or_default(),
    });
    decide_codes(codes)
}

fn decide_codes(codes: [&str; 2]) -> Decision {
    let never = ["ValidationError", "ItemCollectionSizeLimitExceeded"];
    match codes {
        ["ConditionalCheckFailed", _] => Decision::Duplicate,
        codes if codes.iter().any(|code| never.contains(code)) => Decision::OursToFix,
        ["None", "ConditionalCheckFailed"] => Decision::Overdraft,
        _ => Decision::TryAgain,
    }
}

fn is_server_error(error: &SdkError<TransactWriteItemsError>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().is_server_error())
}
