//! expect: CORRUPT after no-fault
//!
//! The units are multiplied with care, and the cents are added without: the largest amounts wrap around.

use serde_json::Value;

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

/// Why a record is no payment for this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Poison,
    NotYet,
}

pub fn decode(data: &[u8]) -> Result<PaymentEvent, Refusal> {
    let record: Value = serde_json::from_slice(data).map_err(|_| Refusal::Poison)?;
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

fn cents(amount: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<2}").parse().ok()?;
    let cents = whole
        .checked_mul(100)?
        .wrapping_add(fraction)
        .checked_abs()?;
    (cents > 0).then_some(cents)
}
