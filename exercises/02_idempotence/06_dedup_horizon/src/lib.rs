//! Remember long enough.
//!
//! The id of each event is remembered, so that the event counts once. It cannot be remembered for ever: the table would grow
//! with each event. DynamoDB can delete items by itself, by their time to live.
//!
//! Two tables, each with the key `eventId`, a text:
//!
//! - `processed-events`, with `expiresAtEpochSeconds`, a number: from this second on the event is forgotten. Add the
//!   attributes that you need.
//! - `effects`, with `times`, a number: how often the event has had its effect.

use aws_sdk_dynamodb::Client;

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `processed-events`.
    pub processed_events: String,
    /// The table `effects`.
    pub effects: String,
}

/// For how long an event may come again, in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// A producer that heard nothing may send an event again for so long after the first time.
    pub producer_hours: u32,
    /// A record stays in the stream for so long today.
    pub retention_hours: u32,
    /// In an outage the retention may be raised to this. That holds for the records that are in the stream already. It may
    /// be less than `retention_hours`: then an outage changes nothing.
    pub raised_retention_hours: u32,
    /// What was set aside may be processed once more for so long after its record has left the stream.
    pub redrive_hours: u32,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The effect has happened.
    Applied,
    /// The event is remembered from an earlier delivery, or from an attempt of this one whose answer was lost. Nothing has
    /// changed.
    Duplicate,
}

/// For how many seconds an event is remembered after its first delivery: as long as a repeat may come, and at most a day
/// longer.
pub fn horizon_seconds(repeats: &Repeats) -> i64 {
    todo!("add up for how long an event may come again: {repeats:?}")
}

/// Lets DynamoDB delete what has expired: time to live, by `expiresAtEpochSeconds`. A worker calls this each time it begins.
/// It succeeds where another one has done so before; DynamoDB itself refuses to switch on what is on. `ENABLING` is on as
/// well: `ENABLED` takes up to an hour.
///
/// # Errors
///
/// Time to live is on by another attribute, or is being switched off: nothing would be deleted. And whatever leaves it
/// unknown whether it is on.
pub async fn prepare(dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    todo!("switch on time to live, unless it is on: {tables:?}, client {dynamodb:p}")
}

/// Applies `event_id` once: adds 1 to its `times` in `effects`, unless the event is remembered. Remembers it for
/// `horizon_seconds` from now on. A repeat does not prolong that.
///
/// DynamoDB deletes what has expired at some time or other, typically within a few days. Until then it is still there, and counts as
/// forgotten all the same.
///
/// A delivery that comes again because its answer was lost, or its worker died, may be told as either: `Applied` and
/// `Duplicate` differ in what has happened just now, and the effect in `times` happens once.
///
/// `now_epoch_seconds` is the time of this delivery; do not read a clock. Each delivery comes at the same time as the one
/// before or later, whichever worker gets it.
///
/// # Errors
///
/// Whatever leaves it unknown whether the event was applied.
pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event_id: &str,
    now_epoch_seconds: i64,
    horizon_seconds: i64,
) -> Result<Outcome, Error> {
    todo!(
        "apply the event and remember it in one transaction, if it is unknown or has expired: \
         {event_id} at {now_epoch_seconds} for {horizon_seconds} s, {tables:?}, client {dynamodb:p}"
    )
}
