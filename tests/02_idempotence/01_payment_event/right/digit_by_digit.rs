//! One pass over the bytes of the amount, each step checked.

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
    let mut cents = 0_i64;
    let mut behind_the_point: Option<u32> = None;
    let mut in_front = 0;
    for byte in amount.bytes() {
        match (byte, &mut behind_the_point) {
            (b'0'..=b'9', Some(2)) => return None,
            (b'0'..=b'9', count) => {
                cents = cents.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                match count {
                    Some(count) => *count += 1,
                    None => in_front += 1,
                }
            }
            (b'.', None) if in_front > 0 => behind_the_point = Some(0),
            _ => return None,
        }
    }
    let missing = match behind_the_point {
        Some(0) => return None,
        Some(1) => 10,
        Some(_) => 1,
        None => 100,
    };
    cents.checked_mul(missing).filter(|cents| *cents > 0)
}
