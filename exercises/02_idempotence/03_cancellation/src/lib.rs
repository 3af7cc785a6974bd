//! Read a cancelled transaction.
//!
//! A payment is applied by one `TransactWriteItems` with two actions, in this order:
//!
//! 1. a `Put` of the event's id, on the condition that it is not there;
//! 2. an `Update` of the balance, for a withdrawal on the condition that there is enough.
//!
//! It did not succeed. What does that mean for the payment?

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

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

/// Decides what `error` means for the payment.
///
/// A cancelled transaction has one reason for each action, in the order of the actions. The codes of reasons are:
///
/// | code | meaning |
/// |---|---|
/// | `None` | this action was not at fault |
/// | `ConditionalCheckFailed` | its condition did not hold |
/// | `TransactionConflict` | another request was at work on its item |
/// | `ProvisionedThroughputExceeded`, `ThrottlingError` | its table could not take it just now |
/// | `ValidationError` | it can never be carried out as it is: adding a number to a text, an item over 400 KB |
/// | `ItemCollectionSizeLimitExceeded` | the same: in a table with a local index, the items of one key have reached 10 GB |
///
/// Several actions may be at fault at once. Then:
///
/// - An id whose condition did not hold makes it a duplicate, whatever else is wrong.
/// - Otherwise, an action that can never be carried out is ours to fix, whatever else is wrong.
/// - A balance whose condition did not hold is an overdraft only if the id's action was not at fault: if that one met
///   a conflict or a throttle, nobody knows whether the event is new.
///
/// AWS may add a code one day. One that is not in the table decides nothing about the event: where these rules say nothing
/// without it, `TryAgain` and `OursToFix` are both right, and the other two are wrong. The same holds for an answer that the
/// SDK cannot read. A reason that is missing, or has no code, counts as one with an unknown code. Only codes count:
/// messages and items may hold any text, or be absent.
///
/// Other errors than a cancellation say nothing about the event. A throttle, a failure of the server, a
/// `TransactionInProgressException` or no answer at all may pass: the transaction may even have been applied. A missing
/// table, a denied access, unknown credentials, a token that was used for another transaction, a request that is not valid
/// or one that could not even be built never will. The SDK has no variant for some of these: then look at the error's code,
/// or at the HTTP status of the answer. Of what has a status of 4xx, nothing passes but what was named. Where the SDK could
/// not send for another reason than the network or the time, `TryAgain` and `OursToFix` are both right.
pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    todo!("read the reasons in the order of the actions: {error:?}")
}
