//! Compute the balance from its events.
//!
//! A balance that is *computed* from all events of its account, and then set, bears repeats and any order: computing it once
//! more gives the same. Workers crash between any two calls, begin again with events that came already, in another order
//! too, and two of them may be at work on one account at the same time.
//!
//! Two tables:
//!
//! - `account-events`, with the partition key `accountId` and the sort key `eventId`, both texts, and `deltaCents`, a number.
//!   Each account begins with an event `opening`, which holds what it had before.
//! - `account-balances`, with the key `accountId`; `balanceCents`, a number; and `version`, a number. Each account has an
//!   item from the beginning, with the version 0 and what `opening` holds. Change the version with each write of the balance,
//!   however you like.

use aws_sdk_dynamodb::Client;

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A payment. The producer gives each one an id, which is the same in every delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// By how much, in cents; below 0 for a withdrawal.
    pub delta_cents: i64,
}

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-events`.
    pub account_events: String,
    /// The table `account-balances`.
    pub account_balances: String,
}

/// Records `event` with the events of its account, and brings the account's balance up to date: afterwards it is the sum of
/// all events that are recorded, this one among them, or a later sum that another worker has written.
///
/// A balance may be below 0 here.
///
/// # Errors
///
/// Whatever keeps the balance from being up to date. The event is delivered again then.
pub async fn apply(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<(), Error> {
    todo!(
        "record the event, add up all events of the account, and set the balance if nobody else has: \
         {event:?}, {tables:?}, client {dynamodb:p}"
    )
}
