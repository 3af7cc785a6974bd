//! Claim an event.
//!
//! Work that is slow, or that must not be done twice at the same time, is claimed first: by one conditional write. A worker
//! that dies leaves its claim behind, so a claim expires. And a worker must recognise its own claim, since the SDK
//! repeats a write whose answer was lost.
//!
//! One table, `claims`, with a string as its key. Add the attributes that you need.
//!
//! - `eventId`
//! - `owner`: a text, the worker that claimed it last
//! - `status`: a text, `in-progress` or `completed`
//! - `expiresAtEpochSeconds`: a number. A claim has expired at this second, and not before. That of a completed claim may
//!   stay or go.
//!
//! `owner` and `status` are
//! [reserved words](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html) of DynamoDB. In an
//! expression write `#owner` and `#status`, and name them with `expression_attribute_names`.

use aws_sdk_dynamodb::Client;

/// Whatever went wrong: nothing is known of the claim, and the worker ends with it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long a claim lasts, in seconds. Who has not completed by then may be dead.
pub const CLAIM_SECONDS: i64 = 90;

/// What came of claiming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The event is this worker's now: do the work, then complete it.
    Mine,
    /// Another worker's claim has not expired yet, or was made or completed while this call was under way. Come back later.
    Busy,
    /// The work is completed, by whomever: before this call, or while it was under way.
    Done,
}

/// What came of completing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// The event is completed, by this worker: now, or by an earlier call.
    Yes,
    /// The claim is not this worker's any more: it had expired, and another one took over. Nothing has changed.
    Lost,
}

/// Claims `event_id` for `owner`: if nobody has claimed it, if the claim of whoever has not completed it has expired, or
/// if it is the owner's own claim already.
///
/// `owner` is another text for each worker, also for one that is started again. `now_epoch_seconds` is the time; do not
/// read a clock. The claim expires [`CLAIM_SECONDS`] after it. Whether the owner's own claim lasts longer when it is claimed
/// again is up to you.
///
/// For each call of `claim` or `complete` there is a budget of 3 calls and 6 capacity units, as long as nothing fails.
///
/// # Errors
///
/// Whatever leaves it unknown whether the claim is made.
pub async fn claim(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
    now_epoch_seconds: i64,
) -> Result<Claimed, Error> {
    todo!(
        "write the claim on the condition that it may be made: \
         {event_id} for {owner} at {now_epoch_seconds} in {claims}, client {dynamodb:p}"
    )
}

/// Marks `event_id` as completed, if the claim is still the owner's. Nobody can claim it again then.
///
/// A claim that has expired is still its owner's until another worker takes it over. `complete` is called after
/// [`Claimed::Mine`] only.
///
/// # Errors
///
/// Whatever leaves it unknown whether it is completed.
pub async fn complete(
    dynamodb: &Client,
    claims: &str,
    event_id: &str,
    owner: &str,
) -> Result<Completed, Error> {
    todo!(
        "set the status on the condition that the claim is {owner}'s: \
         {event_id} in {claims}, client {dynamodb:p}"
    )
}
