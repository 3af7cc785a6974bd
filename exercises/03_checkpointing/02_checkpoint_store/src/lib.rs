//! Save and load a position.
//!
//! A worker reads a shard of a stream, and saves from time to time how far it has come. If it dies, its successor
//! loads the position and goes on after it. A worker may also stall, be replaced, and wake up later, none the wiser:
//! what it saves then must not take the position back.
//!
//! One table, `checkpoints`, with a string as its key:
//!
//! - `shardId`
//! - `sequenceNumber`: a text, the position as Kinesis gave it. Add the attributes that you need.
//!
//! A sequence number is a whole number of 1 to 129 digits, without zeros in front. The later of two records of a shard
//! has the larger one.

use aws_sdk_dynamodb::Client;

/// Whatever went wrong: nothing is known of the position, and the worker ends with it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What came of saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The table holds this position: this call has written it, or it was there. No later one had been saved when the
    /// call's last request was answered.
    Yes,
    /// The table holds a later position, and keeps it: somebody else has come further.
    Behind,
}

/// Loads the position of `shard_id`: the last one that was saved, as it was given; `None` if there is none.
///
/// There is a budget of 3 calls and 6 capacity units for each call of `load` or `save`, where nothing fails.
///
/// # Errors
///
/// Whatever leaves the position unknown.
pub async fn load(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
) -> Result<Option<String>, Error> {
    todo!("read the shard's item: {shard_id} in {checkpoints}, client {dynamodb:p}")
}

/// Saves `sequence_number` as the position of `shard_id`, unless a later one is there.
///
/// # Errors
///
/// Whatever leaves it unknown whether the position is saved.
pub async fn save(
    dynamodb: &Client,
    checkpoints: &str,
    shard_id: &str,
    sequence_number: &str,
) -> Result<Saved, Error> {
    todo!(
        "write the position on the condition that none is later: \
         {sequence_number} of {shard_id} in {checkpoints}, client {dynamodb:p}"
    )
}
