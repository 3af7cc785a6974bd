//! Records, and what they are.

use super::{Decoded, PaymentEvent, PaymentType, Refusal};
use lab::Dice;

pub(super) fn record(event_id: &str, account_id: &str, kind: &str, amount: &str) -> String {
    format!(
        r#"{{"eventId":"{event_id}","accountId":"{account_id}","type":"{kind}","amount":"{amount}"}}"#
    )
}

pub(super) fn payment(
    event_id: &str,
    account_id: &str,
    payment_type: PaymentType,
    cents: i64,
) -> Decoded {
    Ok(PaymentEvent {
        event_id: event_id.to_owned(),
        account_id: account_id.to_owned(),
        payment_type,
        amount_cents: cents,
    })
}

/// The verdict shows the first one of each name.
pub(super) fn rows() -> Vec<(&'static str, Vec<u8>, Decoded)> {
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
            amount(&format!("{:0>2000}", "50.00")),
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
        // An i64 holds these numbers, until they are cents.
        ("far too much", amount("92233720368547759"), poison()),
        ("far too much", amount("1000000000000000000"), poison()),
        ("far too much", amount("9223372036854775807"), poison()),
        // In 64 bits, the cents of these are 84.
        ("far too much", amount("184467440737095517"), poison()),
        ("far too much", amount("184467440737095517.00"), poison()),
        ("nothing", amount("0.00"), poison()),
        ("nothing", amount("0.0"), poison()),
        ("nothing", amount("0"), poison()),
        ("nothing", amount("000"), poison()),
        ("nothing", amount("000.00"), poison()),
        ("a negative amount", amount("-5.00"), poison()),
        ("a negative amount", amount("-0.50"), poison()),
        ("a negative amount", amount("-0"), poison()),
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
        ("a space", amount("5.00 "), poison()),
        ("a space", amount("5 .00"), poison()),
        ("a line break", amount("5.00\\n"), poison()),
        ("thousands set apart", amount("1 000"), poison()),
        ("thousands set apart", amount("1_000"), poison()),
        ("thousands set apart", amount("1'000.00"), poison()),
        ("thousands set apart", amount("1,000.00"), poison()),
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
            text(r#"{"amount":"50.00","type":"deposit","accountId":"alice","eventId":"evt_1"}"#),
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
            "a type that has other ids",
            record("", "", "refund", "").into_bytes(),
            not_yet(),
        ),
        (
            "a type in other letters",
            record("evt_1", "alice", "Deposit", "50.00").into_bytes(),
            not_yet(),
        ),
        (
            "a type in other letters",
            record("evt_1", "alice", "WITHDRAWAL", "50.00").into_bytes(),
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
pub(super) fn further_rows() -> Vec<(&'static str, String, Decoded)> {
    let whole = record("evt_1", "alice", "deposit", "50.00");
    let deposit = || payment("evt_1", "alice", PaymentType::Deposit, 5000);
    let of_event = |id: &str| payment(id, "alice", PaymentType::Deposit, 5000);
    let of_account = |id: &str| payment("evt_1", id, PaymentType::Deposit, 5000);
    let poison = || Err(Refusal::Poison);
    let not_yet = || Err(Refusal::NotYet);
    let long = "e".repeat(1000);
    let mut rows = Vec::new();
    for kind in [r#"["refund"]"#, r#"{"name":"refund"}"#, "{}", "true"] {
        let data = whole.replace(r#""deposit""#, kind);
        rows.push(("other types that are no text", data, poison()));
    }
    for kind in ["withdraw", "debit", "credit", "deposits", "depo", &long] {
        let data = record("evt_1", "alice", kind, "50.00");
        rows.push(("other types", data, not_yet()));
    }
    for (id, written) in [
        ("evt\n1", r"evt\n1".to_owned()),
        ("evt\0a", r"evt\u0000a".to_owned()),
        ("\u{a0}", "\u{a0}".to_owned()),
        ("EVT_1", "EVT_1".to_owned()),
        ("\u{c5}lice", "\u{c5}lice".to_owned()),
        ("A\u{30a}lice", "A\u{30a}lice".to_owned()),
        ("\u{1f4b6}", r"\ud83d\udcb6".to_owned()),
        (&long, long.clone()),
    ] {
        let data = record(&written, "alice", "deposit", "50.00");
        rows.push(("ids of all kinds", data, of_event(id)));
        let data = record("evt_1", &written, "deposit", "50.00");
        rows.push(("ids of all kinds", data, of_account(id)));
    }
    let data = record("alice", "alice", "deposit", "50.00");
    rows.push(("ids of all kinds", data, of_event("alice")));
    for field in [
        r#""rate":1.5"#.to_owned(),
        r#""currency":"USD""#.to_owned(),
        r#""note":null"#.to_owned(),
        r#""note":"""#.to_owned(),
        format!(r#""note":"{}""#, "n".repeat(100_000)),
        format!(r#""note":{}{}"#, "[".repeat(90), "]".repeat(90)),
        format!(r#""note":{}1{}"#, r#"{"a":"#.repeat(90), "}".repeat(90)),
    ] {
        let data = whole.replace('}', &format!(",{field}}}"));
        rows.push(("other fields", data, deposit()));
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
    for data in ["{}", "null", "[]", "0", r#""""#] {
        rows.push(("JSON without a field", data.to_owned(), poison()));
    }
    for data in [
        whole.replace("evt_1", "evt\n1"),
        whole.replace("evt_1", "evt\t1"),
        whole.replace("alice", "al\u{1}ice"),
    ] {
        rows.push(("control characters as they are", data, poison()));
    }
    for data in [
        whole.replace('}', ",}"),
        whole.replace('}', r#","n":01}"#),
        whole.replace('}', r#","n":NaN}"#),
        whole.replace('}', r#","n":.5}"#),
        whole.replace("\",\"", "\"\""),
        whole.replace('"', "'"),
        whole.replace(r#""type""#, "type"),
        format!("{whole}// a deposit"),
        format!("{whole}{whole}"),
    ] {
        rows.push(("nearly JSON", data, poison()));
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

/// Amounts in cents, small, large and in between: a float holds few of the large ones.
pub(super) fn amounts() -> Vec<i64> {
    let mut dice = Dice::new(1);
    let mut amounts: Vec<i64> = (1..=120).collect();
    for digits in 3..=18 {
        let most = 10_i64.pow(digits);
        amounts.extend((0..8).map(|_| 1 + dice.below(most as u64) as i64));
    }
    // Those of 19 digits.
    let least = 10_i64.pow(18);
    let more = (i64::MAX - least) as u64;
    amounts.extend((0..8).map(|_| least + dice.below(more) as i64));
    amounts.extend([least, i64::MAX - 7]);
    amounts
}

/// The ways to write an amount.
pub(super) fn spellings(cents: i64) -> Vec<String> {
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
