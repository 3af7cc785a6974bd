//! Decode a payment event: the reference.

use serde_json::Value;

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

// ANCHOR: decode
/// Decodes the data of one record. JSON is what `serde_json` reads: no number beyond an `f64`, no half of a surrogate pair,
/// 127 levels at most.
///
/// # Errors
///
/// [`Refusal::NotYet`] for an object with a `type` that is not known here, [`Refusal::Poison`] for anything else
/// that is no payment.
pub fn decode(data: &[u8]) -> Result<PaymentEvent, Refusal> {
    let record: Value = serde_json::from_slice(data).map_err(|_| Refusal::Poison)?;
    // The type comes first: only it says what the other fields have to hold.
    let payment_type = match record["type"].as_str() {
        Some("deposit") => PaymentType::Deposit,
        Some("withdrawal") => PaymentType::Withdrawal,
        Some(_) => return Err(Refusal::NotYet),
        None => return Err(Refusal::Poison),
    };
    let text = |field: &str| {
        let text = record[field].as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or(Refusal::Poison)
    };
    Ok(PaymentEvent {
        event_id: text("eventId")?,
        account_id: text("accountId")?,
        payment_type,
        amount_cents: cents(&text("amount")?).ok_or(Refusal::Poison)?,
    })
}

/// Reads an amount exactly: `"12.5"` is 1250. No float ever holds it.
fn cents(amount: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // `parse` alone would accept a sign.
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<2}").parse().ok()?;
    let cents = whole.checked_mul(100)?.checked_add(fraction)?;
    (cents > 0).then_some(cents)
}
// ANCHOR_END: decode
