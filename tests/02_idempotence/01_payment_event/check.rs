//! Each record is a payment, poison, or not for us yet.

use super::answer::{self, PaymentEvent, PaymentType, Refusal};
use lab::{AnomalyKind, Blame, Cases, Dice, money};

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

fn record(event_id: &str, account_id: &str, kind: &str, amount: &str) -> String {
    format!(
        r#"{{"eventId":"{event_id}","accountId":"{account_id}","type":"{kind}","amount":"{amount}"}}"#
    )
}

fn payment(event_id: &str, account_id: &str, payment_type: PaymentType, cents: i64) -> Decoded {
    Ok(PaymentEvent {
        event_id: event_id.to_owned(),
        account_id: account_id.to_owned(),
        payment_type,
        amount_cents: cents,
    })
}

/// The verdict shows the first one of each name.
fn rows() -> Vec<(&'static str, Vec<u8>, Decoded)> {
    let deposit = |cents| payment("evt_1", "alice", PaymentType::Deposit, cents);
    let amount = |amount| record("evt_1", "alice", "deposit", amount).into_bytes();
    let text = |text: &str| text.as_bytes().to_vec();
    let poison = || Err(Refusal::Poison);
    let not_yet = || Err(Refusal::NotYet);
    vec![
        ("a deposit", amount("50.00"), deposit(5000)),
        (
            "a withdrawal",
            record("evt_3", "bob", "withdrawal", "20.00").into_bytes(),
            payment("evt_3", "bob", PaymentType::Withdrawal, 2000),
        ),
        ("no cents", amount("50"), deposit(5000)),
        ("one digit of cents", amount("50.5"), deposit(5050)),
        (
            "cents that begin with a zero",
            amount("50.05"),
            deposit(5005),
        ),
        ("29 cents", amount("0.29"), deposit(29)),
        ("a zero in front", amount("007.50"), deposit(750)),
        (
            "many zeros in front",
            amount("000000000000000000050"),
            deposit(5000),
        ),
        (
            "many zeros in front",
            amount(&format!("{:0>300}", "50.00")),
            deposit(5000),
        ),
        (
            "more cents than a float counts",
            amount("90071992547409.93"),
            deposit(9_007_199_254_740_993),
        ),
        (
            "the largest amount",
            amount("92233720368547758.07"),
            deposit(i64::MAX),
        ),
        ("a cent more", amount("92233720368547758.08"), poison()),
        ("92 cents more", amount("92233720368547758.99"), poison()),
        ("far too much", amount("99999999999999999999"), poison()),
        (
            "far too much",
            amount(&format!("1{}.00", "0".repeat(60))),
            poison(),
        ),
        ("nothing", amount("0.00"), poison()),
        ("a negative amount", amount("-5.00"), poison()),
        ("a plus sign", amount("+5.00"), poison()),
        ("a sign after the point", amount("5.+1"), poison()),
        ("tenths of cents", amount("5.001"), poison()),
        ("tenths of cents that are 0", amount("5.000"), poison()),
        ("nothing after the point", amount("5."), poison()),
        ("nothing before the point", amount(".50"), poison()),
        ("two points", amount("5.0.0"), poison()),
        ("a comma", amount("5,00"), poison()),
        ("an exponent", amount("5e2"), poison()),
        ("a space", amount(" 5.00"), poison()),
        ("a word", amount("five"), poison()),
        ("other digits", amount("\u{0665}.00"), poison()),
        ("other digits", amount("5.\u{0663}"), poison()),
        ("other digits", amount("5.0\u{ff13}"), poison()),
        ("a euro sign", amount("5\u{20ac}00"), poison()),
        ("an empty amount", amount(""), poison()),
        (
            "an amount that is a number",
            text(r#"{"eventId":"evt_1","accountId":"alice","type":"deposit","amount":50.00}"#),
            poison(),
        ),
        (
            "an amount that is a number",
            text(r#"{"eventId":"evt_1","accountId":"alice","type":"deposit","amount":50}"#),
            poison(),
        ),
        (
            "no amount",
            text(r#"{"eventId":"evt_1","accountId":"alice","type":"deposit"}"#),
            poison(),
        ),
        (
            "no account",
            text(r#"{"eventId":"evt_1","type":"deposit","amount":"50.00"}"#),
            poison(),
        ),
        (
            "an account that is null",
            text(r#"{"eventId":"evt_1","accountId":null,"type":"deposit","amount":"50.00"}"#),
            poison(),
        ),
        (
            "an empty account",
            record("evt_1", "", "deposit", "50.00").into_bytes(),
            poison(),
        ),
        (
            "no event id",
            text(r#"{"accountId":"alice","type":"deposit","amount":"50.00"}"#),
            poison(),
        ),
        (
            "an empty event id",
            record("", "alice", "deposit", "50.00").into_bytes(),
            poison(),
        ),
        (
            "an event id that is a number",
            text(r#"{"eventId":1,"accountId":"alice","type":"deposit","amount":"50.00"}"#),
            poison(),
        ),
        (
            "an event id that is a space",
            record(" ", "alice", "deposit", "50.00").into_bytes(),
            payment(" ", "alice", PaymentType::Deposit, 5000),
        ),
        (
            "an account in spaces",
            record("evt_1", " alice ", "deposit", "50.00").into_bytes(),
            payment("evt_1", " alice ", PaymentType::Deposit, 5000),
        ),
        (
            "an account that is a space",
            record("evt_1", " ", "deposit", "50.00").into_bytes(),
            payment("evt_1", " ", PaymentType::Deposit, 5000),
        ),
        (
            "a field that we do not know",
            text(
                r#"{"eventId":"evt_1","accountId":"alice","type":"deposit","amount":"50.00","timestamp":"2026-01-01T00:00:00Z","schema":{"version":2}}"#,
            ),
            deposit(5000),
        ),
        (
            "a field that we do not know",
            text(
                r#"{"version":2,"eventId":"evt_1","accountId":"alice","type":"deposit","amount":"50.00","currency":"EUR"}"#,
            ),
            deposit(5000),
        ),
        (
            "fields in another order",
            text(
                r#" {"amount":"50.00", "type":"deposit", "accountId":"alice", "eventId":"evt_1"} "#,
            ),
            deposit(5000),
        ),
        (
            "an escaped text",
            text(
                r#"{"eventId":"evt_1","accountId":"\u0061lice","type":"deposit","amount":"50.00"}"#,
            ),
            deposit(5000),
        ),
        (
            "an escaped name",
            text(
                r#"{"\u0065ventId":"evt_1","accountId":"alice","type":"deposit","amount":"50.00"}"#,
            ),
            deposit(5000),
        ),
        (
            "a type that we do not know",
            record("evt_1", "alice", "refund", "50.00").into_bytes(),
            not_yet(),
        ),
        (
            "a type that has other fields",
            text(r#"{"type":"transfer","from":"alice","to":"bob","amount":{"cents":5000}}"#),
            not_yet(),
        ),
        (
            "a type that has other ids",
            text(r#"{"eventId":7,"accountId":null,"type":"refund","amount":"50.00"}"#),
            not_yet(),
        ),
        (
            "a type in other letters",
            record("evt_1", "alice", "Deposit", "50.00").into_bytes(),
            not_yet(),
        ),
        (
            "a type with a space behind it",
            record("evt_1", "alice", "deposit ", "50.00").into_bytes(),
            not_yet(),
        ),
        (
            "an empty type",
            record("evt_1", "alice", "", "50.00").into_bytes(),
            not_yet(),
        ),
        (
            "no type",
            text(r#"{"eventId":"evt_1","accountId":"alice","amount":"50.00"}"#),
            poison(),
        ),
        (
            "a type that is a number",
            text(r#"{"eventId":"evt_1","accountId":"alice","type":1,"amount":"50.00"}"#),
            poison(),
        ),
        (
            "a type that is null",
            text(r#"{"eventId":"evt_1","accountId":"alice","type":null,"amount":"50.00"}"#),
            poison(),
        ),
        (
            "an array",
            text(r#"["evt_1","alice","deposit","50.00"]"#),
            poison(),
        ),
        ("a text", text(r#""deposit""#), poison()),
        (
            "half a record",
            text(r#"{"eventId":"evt_1","accountId":"al"#),
            poison(),
        ),
        (
            "something behind the record",
            [amount("50.00"), text("}")].concat(),
            poison(),
        ),
        (
            "a zero byte behind the record",
            [amount("50.00"), vec![0]].concat(),
            poison(),
        ),
        (
            "half a letter in an id",
            [
                text(r#"{"eventId":"evt_"#),
                vec![0xc3],
                text(r#"","accountId":"alice","type":"deposit","amount":"50.00"}"#),
            ]
            .concat(),
            poison(),
        ),
        ("no JSON", text("deposit 50.00 to alice"), poison()),
        ("no text", vec![0xff, 0xfe, 0x00, 0x7b], poison()),
        ("no data", Vec::new(), poison()),
    ]
}

/// Records whose rows sum them up: name, data, and what they are.
fn further_rows() -> Vec<(&'static str, String, Decoded)> {
    let whole = record("evt_1", "alice", "deposit", "50.00");
    let deposit = || payment("evt_1", "alice", PaymentType::Deposit, 5000);
    let of_event = |id: &str| payment(id, "alice", PaymentType::Deposit, 5000);
    let poison = || Err(Refusal::Poison);
    let long = "e".repeat(1000);
    let mut rows = Vec::new();
    for kind in [r#"["refund"]"#, r#"{"name":"refund"}"#, "{}", "true"] {
        let data = whole.replace(r#""deposit""#, kind);
        rows.push(("other types that are no text", data, poison()));
    }
    for (id, written) in [
        ("evt\n1", r"evt\n1".to_owned()),
        ("\u{a0}", "\u{a0}".to_owned()),
        ("\u{1f4b6}", r"\ud83d\udcb6".to_owned()),
        (&long, long.clone()),
    ] {
        let data = record(&written, "alice", "deposit", "50.00");
        rows.push(("ids of all kinds", data, of_event(id)));
    }
    for data in [
        format!("\r\n\t {whole} \t\r\n"),
        whole.replace(':', "\t:\r\n "),
    ] {
        rows.push(("white space between the parts", data, deposit()));
    }
    for space in ['\u{b}', '\u{c}', '\u{85}', '\u{a0}', '\u{2028}', '\u{3000}'] {
        for data in [
            format!("{space}{whole}"),
            format!("{whole}{space}"),
            whole.replace(':', &format!(":{space}")),
        ] {
            rows.push(("white space that is none in JSON", data, poison()));
        }
    }
    for data in [
        whole.replace("eventId", "eventid"),
        whole.replace("eventId", "event_id"),
        whole.replace("accountId", "AccountId"),
        whole.replace("amount", "Amount"),
        whole.replace("type", "Type"),
    ] {
        rows.push(("names in other letters", data, poison()));
    }
    for data in [
        format!("[{whole}]"),
        format!(r#"{{"detail":{whole}}}"#),
        format!(r#""{}""#, whole.replace('"', "\\\"")),
    ] {
        rows.push(("a payment within something else", data, poison()));
    }
    rows
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

/// Amounts in cents, small, large and in between: a float holds few of the large ones.
fn amounts() -> Vec<i64> {
    let mut dice = Dice::new(1);
    let mut amounts: Vec<i64> = (1..=120).collect();
    for digits in 3..=18 {
        let most = 10_i64.pow(digits);
        amounts.extend((0..8).map(|_| 1 + dice.below(most as u64) as i64));
    }
    amounts
}

/// The ways to write an amount.
fn spellings(cents: i64) -> Vec<String> {
    let (whole, fraction) = (cents / 100, cents % 100);
    let mut spellings = vec![format!("{whole}.{fraction:02}")];
    if fraction % 10 == 0 {
        spellings.push(format!("{whole}.{}", fraction / 10));
    }
    if fraction == 0 {
        spellings.push(whole.to_string());
    }
    spellings
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
