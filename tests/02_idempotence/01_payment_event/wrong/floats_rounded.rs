//! expect: CORRUPT after no-fault
//!
//! A float times 100, rounded: right for small amounts, and a cent off or more beyond 2^53.

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
    let digits = amount
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let (_, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    if !digits || amount.starts_with('.') || fraction.is_empty() || fraction.len() > 2 {
        return None;
    }
    let cents = (amount.parse::<f64>().ok()? * 100.0).round();
    (cents > 0.0 && cents < i64::MAX as f64).then_some(cents as i64)
}
