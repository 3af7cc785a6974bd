//! Each reason becomes a class of its own first; then the two classes decide.

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

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Fine,
    Failed,
    Passing,
    Permanent,
}

fn class(code: Option<&str>) -> Class {
    match code {
        Some("None") => Class::Fine,
        Some("ConditionalCheckFailed") => Class::Failed,
        Some("ValidationError" | "ItemCollectionSizeLimitExceeded") => Class::Permanent,
        _ => Class::Passing,
    }
}

pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Decision::OursToFix;
    }
    let is_refusal = error
        .raw_response()
        .is_some_and(|response| response.status().is_client_error());
    let Some(error) = error.as_service_error() else {
        return Decision::TryAgain;
    };
    if let TransactWriteItemsError::TransactionCanceledException(cancelled) = error {
        let classes: Vec<Class> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| class(reason.code()))
            .collect();
        return match classes.as_slice() {
            [Class::Failed, ..] => Decision::Duplicate,
            [_, Class::Permanent] | [Class::Permanent, _] => Decision::OursToFix,
            [Class::Fine, Class::Failed] => Decision::Overdraft,
            _ => Decision::TryAgain,
        };
    }
    let passes = error.is_transaction_in_progress_exception()
        || error.is_provisioned_throughput_exceeded_exception()
        || error.is_request_limit_exceeded()
        || error.is_throttling_exception();
    if is_refusal && !passes {
        Decision::OursToFix
    } else {
        Decision::TryAgain
    }
}
