//! expect: STUCK after no-fault
//!
//! Lists the refusals that stay. The list has two of those for which the SDK has no variant: the others are sent for ever.

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
        Some(
            Refused::IdempotentParameterMismatchException(_)
            | Refused::ResourceNotFoundException(_),
        ) => Decision::OursToFix,
        Some(other) => match other.meta().code() {
            Some("ValidationException" | "AccessDeniedException") => Decision::OursToFix,
            _ => Decision::TryAgain,
        },
        None if matches!(error, SdkError::ConstructionFailure(_)) => Decision::OursToFix,
        None => Decision::TryAgain,
    }
}

fn decide_cancelled(reasons: &[CancellationReason]) -> Decision {
    let code = |action: usize| reasons.get(action).and_then(CancellationReason::code);
    let codes = [code(0), code(1)].map(Option::unwrap_or_default);
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
