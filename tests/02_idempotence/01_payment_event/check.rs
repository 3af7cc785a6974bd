//! Each record is a payment, poison, or not for us yet.

mod rows;

use super::answer::{self, PaymentEvent, PaymentType, Refusal};
use lab::{AnomalyKind, Blame, Cases, money};
use rows::{amounts, further_rows, payment, record, rows, spellings};

type Decoded = Result<PaymentEvent, Refusal>;

#[test]
fn each_record_is_a_payment_or_poison_or_not_for_us_yet() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "decode",
        "a payment, poison, or not for us yet",
        tell,
        blame,
    );
    let mut row = "";
    for (name, data, expected) in rows() {
        let given = visible(&String::from_utf8_lossy(&data), 160);
        let decode = move || answer::decode(&data);
        cases = match row == name {
            true => cases.one_of(name, given, expected, decode),
            false => cases.case(name, given, expected, decode),
        };
        row = name;
    }
    for (name, data, expected) in further_rows() {
        let given = visible(&data, 160);
        cases = cases.one_of(name, given, expected, move || {
            answer::decode(data.as_bytes())
        });
    }
    for cents in amounts() {
        for amount in spellings(cents) {
            let data = record("evt_7", "dora", "withdrawal", &amount);
            let expected = payment("evt_7", "dora", PaymentType::Withdrawal, cents);
            cases = cases.one_of("other amounts", data.clone(), expected, move || {
                answer::decode(data.as_bytes())
            });
        }
    }
    cases.judge();
}

/// A text as a report can show it: what is not seen is written as an escape, and of a long one not more than `most`.
fn visible(text: &str, most: usize) -> String {
    let is_seen = |c: char| c == ' ' || !(c.is_whitespace() || c.is_control());
    let shown = text.chars().take(most).map(|c| match is_seen(c) {
        true => c.to_string(),
        false => c.escape_unicode().to_string(),
    });
    let shown: String = shown.collect();
    match text.chars().count() {
        all if all > most => format!("{shown}\u{2026} ({all} characters)"),
        _ => shown,
    }
}

fn tell(decoded: &Decoded) -> String {
    match decoded {
        Ok(payment) => {
            let direction = match payment.payment_type {
                PaymentType::Deposit => "deposit",
                PaymentType::Withdrawal => "withdrawal",
            };
            // Where a text ends is not seen, if a space or nothing is there.
            let visible = |text: &str| match text.trim() == text && !text.is_empty() {
                true => visible(text, 40),
                false => format!("`{}`", visible(text, 40)),
            };
            format!(
                "{} {direction} {} {}",
                visible(&payment.event_id),
                visible(&payment.account_id),
                money(payment.amount_cents)
            )
        }
        Err(Refusal::Poison) => "poison".to_owned(),
        Err(Refusal::NotYet) => "not yet".to_owned(),
    }
}

fn blame(expected: &Decoded, got: &Decoded) -> Blame {
    match (expected, got) {
        (Ok(wanted), Ok(other)) => (AnomalyKind::Corrupt, misread(wanted, other)),
        (Err(_), Ok(_)) => (
            AnomalyKind::Corrupt,
            "this is no payment by the contract, and money moves all the same",
        ),
        (Ok(_), Err(Refusal::Poison)) => (
            AnomalyKind::Lost,
            "a payment is set aside for good: somebody's money never moves",
        ),
        (Err(Refusal::NotYet), Err(Refusal::Poison)) => (
            AnomalyKind::Lost,
            "tomorrow's program would understand this record; set aside today, it is never seen again",
        ),
        (_, Err(Refusal::NotYet)) => (
            AnomalyKind::Stuck,
            "the shard waits at this record for a program that will never come",
        ),
        (Err(Refusal::Poison), Err(Refusal::Poison)) => (AnomalyKind::Corrupt, "both are poison"),
    }
}

fn misread(wanted: &PaymentEvent, other: &PaymentEvent) -> &'static str {
    let (wanted_cents, cents) = (wanted.amount_cents, other.amount_cents);
    // 50.5 read as 50.05: both have the same units.
    let is_tenth = wanted_cents % 10 == 0 && cents / 100 == wanted_cents / 100;
    if cents == wanted_cents {
        "another payment was read than was written: each text counts as it is"
    } else if is_tenth && cents % 100 == wanted_cents % 100 / 10 {
        "one digit behind the point counts tenths: the 5 of 50.5 is 50 cents"
    } else {
        "another amount was read than was written: a float is the usual reason"
    }
}
