//! Decode a payment event.
//!
//! A record's data is bytes, written by a program that is not ours. Whatever they hold, a worker has to decide:
//! apply it, set it aside for good, or wait for a program that knows better. A wrong guess loses a payment,
//! or blocks a shard for ever.

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    /// Adds the amount to the balance.
    Deposit,
    /// Takes the amount from the balance.
    Withdrawal,
}

/// A payment.
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

/// Why a record is no payment for this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody will ever make sense of it. The worker sets it aside and goes on.
    Poison,
    /// A newer version of this program may understand it. The worker stops here, so that it is not passed over.
    NotYet,
}

/// Decodes the data of one record.
///
/// A payment is a JSON object:
///
/// ```json
/// { "eventId": "evt_1", "accountId": "alice", "type": "deposit", "amount": "50.00" }
/// ```
///
/// - `type` is `deposit` or `withdrawal`.
/// - `eventId` and `accountId` are texts, not empty.
/// - `amount` is a text: one or more of the digits 0 to 9, then, if there are cents, a point and one or two digits.
///   `50`, `50.0` and `50.00` are the same amount. It is above 0, and in cents it fits an `i64`.
/// - Fields with other names mean nothing to us. Let them pass: producers are updated, too.
///
/// Each text counts as it is, spaces and all, and however long.
///
/// JSON is what RFC 8259 says. Where readers of JSON differ, to read it and to call it poison are both right: a name that
/// comes twice, a byte order mark in front, a number beyond any `f64` such as `1e999`, half of a surrogate pair
/// such as `\ud800`, more than a hundred levels of nesting.
///
/// # Errors
///
/// - [`Refusal::NotYet`]: an object whose `type` is a text other than these two, whatever its other fields hold.
/// - [`Refusal::Poison`]: anything else that is not such a payment.
pub fn decode(data: &[u8]) -> Result<PaymentEvent, Refusal> {
    todo!("tell a payment, poison and what is not for us yet apart: {data:?}")
}
