//! A payment: the event that the course's stories are about, and what a service decides about it.

use serde_json::{Value, json};

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the account.
    Deposit,
    /// Out of the account.
    Withdrawal,
}

/// One payment event, as it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The identity that the producer gave it: the same in each delivery.
    pub event_id: String,
    /// Whose balance it changes.
    pub account_id: String,
    /// Which way the money goes.
    pub direction: Direction,
    /// How much, in cents.
    pub amount_cents: i64,
}

impl Payment {
    /// One with these.
    pub fn new(event_id: &str, account_id: &str, direction: Direction, amount_cents: i64) -> Self {
        Payment {
            event_id: event_id.to_owned(),
            account_id: account_id.to_owned(),
            direction,
            amount_cents,
        }
    }

    /// What it adds to the balance, in cents.
    pub fn delta_cents(&self) -> i64 {
        match self.direction {
            Direction::Deposit => self.amount_cents,
            Direction::Withdrawal => -self.amount_cents,
        }
    }

    /// The record that its producer puts on the stream.
    pub fn to_json(&self) -> Value {
        json!({
            "eventId": self.event_id,
            "accountId": self.account_id,
            "type": match self.direction {
                Direction::Deposit => "deposit",
                Direction::Withdrawal => "withdrawal",
            },
            "amountCents": self.amount_cents,
        })
    }
}

/// What the service decides about a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The balance changed.
    Applied,
    /// The withdrawal was beyond the balance.
    Rejected,
    /// The event had been decided before.
    Duplicate,
}

impl Decision {
    /// `applied`, `rejected` or `duplicate`.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Applied => "applied",
            Decision::Rejected => "rejected",
            Decision::Duplicate => "duplicate",
        }
    }
}

/// Cents as a person writes them: `130.00`.
pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let all = cents.unsigned_abs();
    format!("{sign}{}.{:02}", all / 100, all % 100)
}
