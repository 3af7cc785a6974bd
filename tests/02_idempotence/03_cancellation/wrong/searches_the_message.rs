//! expect: LOST after no-fault
//!
//! Looks for the code in the message, where it does not say which action it belongs to.

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
    let message = error
        .as_service_error()
        .and_then(|error| error.meta().message())
        .unwrap_or_default();
    if message.contains("ConditionalCheckFailed") {
        return Decision::Duplicate;
    }
    if message.contains("ValidationError") {
        return Decision::OursToFix;
    }
    Decision::TryAgain
}
