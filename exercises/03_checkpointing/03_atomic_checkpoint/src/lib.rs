//! Move the position with the payment.
//!
//! A worker reads payments from a shard, applies each exactly once, and remembers how far it has come. It may crash
//! between any two calls. Another worker may take the shard over while it only stalls. Still each payment counts once;
//! and what the tables say of payments and what they say of the position agree at every moment, so that no worker
//! ever does a payment again that another one has done.
//!
//! Three tables, each with a string as its key. Add the attributes that you need.
//!
//! - `account-balances`: `accountId`, and `balanceCents`, a number. An account that has no item yet has 0 cents.
//! - `processed-events`: `eventId`, for each event that has been decided, also for one that was rejected.
//! - `checkpoints`: `shardId`, and `sequenceNumber`, a text: that of the last record that is done, as Kinesis gave it.

mod source;

pub use source::{Error, Payment, PaymentType, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-balances`.
    pub account_balances: String,
    /// The table `processed-events`.
    pub processed_events: String,
    /// The table `checkpoints`.
    pub checkpoints: String,
}

/// Processes what comes after the shard's position, up to the present end of the shard.
///
/// For each record, its payment and the position move together:
///
/// - a payment that is new: its id, its account's balance, the position;
/// - a withdrawal beyond the balance: its id, which is decided with that for good, and the position;
/// - a payment whose id is there already, since the producer sent it twice: the position alone.
///
/// Several records may share a transaction. A transaction takes at most 100 actions, no two of them on the same item.
///
/// The position moves only from where this worker knows it to be. If it is elsewhere, another worker has moved it:
/// end with an error. Who returns `Ok` is not started again before more records have arrived.
///
/// For each record there is a budget of 4 calls and 14 capacity units.
///
/// # Errors
///
/// Whatever leaves a record undecided. The worker ends with it, and another one calls this function again.
pub async fn process(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    todo!(
        "load the position, read what comes after it, and move each payment and the position in one transaction: \
         {}, {tables:?}, client {dynamodb:p}",
        source.payment_events
    )
}
