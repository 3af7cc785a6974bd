//! Read a cancelled transaction: the reference.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

/// What a refused transaction means for the payment that it carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The event was decided before.
    Duplicate,
    /// The event is new, and the withdrawal is beyond the balance.
    Overdraft,
    /// Nothing is known to be decided. Send the same transaction again: it may succeed later.
    TryAgain,
    /// The same transaction can never succeed. Somebody has to mend the program, or the table.
    OursToFix,
}

// ANCHOR: decide
/// Decides what `error` means for the payment: a `Put` of the event's id, then an `Update` of the balance.
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
        // What the API's model does not know is a refusal if it comes with a status of 4xx.
        Some(_) if is_server_error(error) => Decision::TryAgain,
        Some(_) => Decision::OursToFix,
        // The request could not even be built.
        None if matches!(error, SdkError::ConstructionFailure(_)) => Decision::OursToFix,
        // No answer, or none that could be read. It may have been applied: the id's condition will tell.
        None => Decision::TryAgain,
    }
}

fn decide_cancelled(reasons: &[CancellationReason]) -> Decision {
    // A code that is missing is not the text `None`: it says nothing.
    let code = |action: usize| reasons.get(action).and_then(CancellationReason::code);
    let codes = [code(0), code(1)].map(Option::unwrap_or_default);
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
// ANCHOR_END: decide
