//! expect: STUCK after no-fault
//!
//! Takes the codes from the list that ends the message. The message is for people: where it has no such list,
//! a duplicate is sent for ever.

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
    use TransactWriteItemsError as Refused;
    match error.as_service_error() {
        Some(Refused::TransactionCanceledException(cancelled)) => {
            let message = cancelled.message().unwrap_or_default();
            let list = message.split_once('[').map_or("", |(_, list)| list);
            let codes: Vec<&str> = list.trim_end_matches(']').split(", ").collect();
            let code = |action: usize| codes.get(action).copied().unwrap_or_default();
            decide_codes([code(0), code(1)])
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
