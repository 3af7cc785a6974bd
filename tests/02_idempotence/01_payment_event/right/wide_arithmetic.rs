//! 128 bits are enough not to think of overflow until the end. The point is moved in the text.

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
    let digits = match amount.split_once('.') {
        None => format!("{amount}00"),
        Some((whole, fraction)) if !whole.is_empty() && fraction.len() == 1 => {
            format!("{whole}{fraction}0")
        }
        Some((whole, fraction)) if !whole.is_empty() && fraction.len() == 2 => {
            format!("{whole}{fraction}")
        }
        Some(_) => return None,
    };
    if amount.is_empty() || digits.contains(|c: char| !c.is_ascii_digit()) {
        return None;
    }
    let cents: u128 = digits.parse().ok()?;
    i64::try_from(cents).ok().filter(|cents| *cents > 0)
}
