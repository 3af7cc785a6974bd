//! Apply a payment exactly once.
//!
//! A worker reads payment events from a stream and applies each to its account's balance. It may crash
//! between any two calls, and then another worker begins again with events that were applied already.
//! Two workers may even be at work at the same time. Still each payment must count once.
//!
//! Two tables, each with a string as its key:
//!
//! - `account-balances`: `accountId`, and `balanceCents`, a number. An account that has no item yet has 0 cents.
//! - `processed-events`: `eventId`, for the events that have been decided. Add the attributes that you need.
//!
//! You may keep the ids elsewhere in these tables, too. Only the balances are looked at, and what you return.

use aws_sdk_dynamodb::Client;

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    /// Adds the amount to the balance.
    Deposit,
    /// Takes the amount from the balance, if the balance is at least as large.
    Withdrawal,
}

/// A payment. The producer gives each one an id, which is the same in every delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// Which way.
    pub payment_type: PaymentType,
    /// By how much, in cents; above 0.
    pub amount_cents: i64,
}

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-balances`.
    pub account_balances: String,
    /// The table `processed-events`.
    pub processed_events: String,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The balance has changed.
    Applied,
    /// A withdrawal beyond the balance: nothing has changed, and never will by this event.
    Rejected,
    /// This event was decided before, whichever way: by an earlier delivery, or by an attempt of this one whose answer
    /// was lost. Nothing changes a second time.
    Duplicate,
}

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Decides `event` and applies it to its account's balance, exactly once, however often it is delivered.
///
/// A rejection is a decision too. It stands when the same event comes again, even if the account could
/// pay by then. So remember it as well. An event may come again at any time, a month later too.
///
/// Of all deliveries of an event one at most returns `Applied` or `Rejected`: the one that has decided it.
///
/// `now_epoch_seconds` is the time of this delivery. A delivery of the same event to another worker has a
/// later one. Two deliveries to one worker may have the same. Store it if you like; do not read a clock.
///
/// In a run without faults there is a budget of 4 calls and 10 capacity units for each delivery, on average.
///
/// # Errors
///
/// Whatever leaves the event undecided. Never because of a duplicate or an overdraft: these are outcomes.
pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    todo!(
        "move the balance and remember the event's id in one TransactWriteItems: \
         {event:?} at {now_epoch_seconds}, {tables:?}, client {dynamodb:p}"
    )
}
