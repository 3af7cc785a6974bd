//! Asks for an object and takes its fields out one by one; errors are collected as texts and mapped at the end.

use serde_json::{Map, Value};

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
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(data) else {
        return Err(Refusal::Poison);
    };
    let payment_type = match fields.remove("type") {
        Some(Value::String(name)) => match name.as_str() {
            "deposit" => PaymentType::Deposit,
            "withdrawal" => PaymentType::Withdrawal,
            _ => return Err(Refusal::NotYet),
        },
        _ => return Err(Refusal::Poison),
    };
    let read = |fields: &mut Map<String, Value>| -> Result<PaymentEvent, String> {
        Ok(PaymentEvent {
            event_id: take(fields, "eventId")?,
            account_id: take(fields, "accountId")?,
            payment_type,
            amount_cents: cents(&take(fields, "amount")?).ok_or("no amount")?,
        })
    };
    read(&mut fields).map_err(|_reason| Refusal::Poison)
}

fn take(fields: &mut Map<String, Value>, name: &str) -> Result<String, String> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        other => Err(format!("{name} is {other:?}")),
    }
}

fn cents(amount: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<2}").parse().ok()?;
    let cents = whole.checked_mul(100)?.checked_add(fraction)?;
    (cents > 0).then_some(cents)
}
