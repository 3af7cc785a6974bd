//! Nothing is lost, repeats can be recognised, and each account's payments keep their order.

use super::answer::{self, Payment};
use lab::Fault::*;
use lab::{Aftermath, Anomaly, AnomalyKind, Check, Dice, Scenario, money};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;

#[test]
fn every_payment_is_on_the_stream_under_one_id_and_in_order() {
    Check::new(
        lab::exercise!(),
        "send",
        "nothing lost, repeats recognised, order kept",
        scenario(payments(), [5, 3]).audit(|aftermath| match found(aftermath) {
            Ok(found) => {
                let mut anomalies = differences(&payments(), &found, aftermath);
                if anomalies.is_empty() && aftermath.is_plain() {
                    anomalies.extend(other_ids_in_another_process(&found));
                }
                anomalies
            }
            Err(anomaly) => vec![anomaly],
        }),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        NoAnswer,
        Throttled,
        ThrottledOut,
        Denied,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[PartialPut])
    // Fewer than a producer has lives: it may end at each.
    .in_a_row(PartialPut, 6)
    .again(ThrottledOut, 5)
    .also([51, 52, 53].map(|seed| scenario(drawn(seed), [4, 2])))
    .also_once([on_three_shards(), scenario(many_of_one_account(), [34, 34])])
    .facts(|aftermath| {
        let found = found(aftermath).unwrap_or_default();
        let accounts = found.accounts.into_iter();
        accounts
            .map(|(account, cents)| (account, told(&cents)))
            .collect()
    })
    .judge();
}

/// More than one call takes.
#[test]
fn five_hundred_and_one_payments_are_sent() {
    let payment = |row: u64| Payment {
        row,
        account_id: format!("account-{row}"),
        amount_cents: 100,
    };
    Check::new(
        lab::exercise!(),
        "send_501",
        "more than one call takes",
        scenario((1..=501).map(payment).collect(), [501, 501]),
    )
    .judge();
}

/// Six payments of two accounts.
///
/// Two of alice's are alike, with others between them: no two neighbours can change places unseen. The rows do not rise.
/// Account and row run together are the same text for the first two payments. Two pairs of rows become one each, where
/// they are cut to 32 bits or pass through a float. A float makes 28 cents of 29.
fn payments() -> Vec<Payment> {
    [
        ("alice", 5000, 12),
        ("alice1", 3000, 2),
        ("alice", -2000, 9_007_199_254_740_993),
        ("alice", 700, 10),
        ("alice1", 29, 4_294_967_298),
        ("alice", -2000, 9_007_199_254_740_992),
    ]
    .map(|(account_id, amount_cents, row)| Payment {
        row,
        account_id: account_id.to_owned(),
        amount_cents,
    })
    .to_vec()
}

/// Seven payments of up to three accounts.
///
/// Some accounts have names that JSON cannot take as they are, or names that are alike but for capitals or a space. One
/// amount does not fit into a float, one is nothing, and one has no number above 0 of its size. The last payment is like
/// the first one in all but its row, and that in the upper 32 bits only.
fn drawn(seed: u64) -> Vec<Payment> {
    let accounts = match seed % 3 {
        0 => ["emil", "Emil", r#"fay "\o/""#],
        1 => ["bob", " bob ", "line\nbreak\tand \u{1}"],
        _ => [
            "\u{200b}zoe\u{7f}",
            "\u{c5}ngstr\u{f6}m & S\u{f6}hne, B\u{fc}rogeb\u{e4}ude",
            "/",
        ],
    };
    let mut dice = Dice::new(seed);
    let first = 1 + dice.below(1000);
    let mut payments: Vec<_> = (0..6)
        .map(|at| Payment {
            row: first + at,
            // The first three are of one account each.
            account_id: accounts[if at < 3 { at } else { dice.below(3) } as usize].to_owned(),
            amount_cents: 1 + dice.below(4) as i64,
        })
        .collect();
    payments[1].amount_cents = 0;
    payments[3].amount_cents = 9_007_199_254_740_993;
    payments[4].amount_cents = i64::MIN;
    payments.push(Payment {
        row: first + (1 << 32),
        ..payments[0].clone()
    });
    payments
}

/// More payments of one account than anybody tries again. Row and account run together are the same text for two of them.
/// The last two are neighbours, alike in everything but their rows.
fn many_of_one_account() -> Vec<Payment> {
    let payment = |row, account: &str| Payment {
        row,
        account_id: account.to_owned(),
        amount_cents: 100 + row as i64,
    };
    let mut payments: Vec<_> = (101..=130).map(|row| payment(row, "x")).collect();
    payments.extend([payment(1, "2x"), payment(12, "x")]);
    let last = payment(131, "x");
    payments.extend([last.clone(), Payment { row: 132, ..last }]);
    payments
}

/// A stream whose shards a consumer reads one after another: only what is in one shard keeps its order.
fn on_three_shards() -> Scenario {
    let payments = drawn(54);
    let sends = worker(payments.clone(), [7, 7]);
    sends
        .output_stream_of("payment-events", 3)
        .audit(move |aftermath| match found(aftermath) {
            Ok(found) => {
                let anomalies = differences(&payments, &found, aftermath).into_iter();
                let why = "an account's payments are in several shards: one partition key, and no other hash key for it";
                anomalies.map(|anomaly| anomaly.because(why)).collect()
            }
            Err(anomaly) => vec![anomaly],
        })
}

fn scenario(payments: Vec<Payment>, calls: [usize; 2]) -> Scenario {
    worker(payments.clone(), calls)
        .output_stream("payment-events")
        .audit(move |aftermath| match found(aftermath) {
            Ok(found) => differences(&payments, &found, aftermath),
            Err(anomaly) => vec![anomaly],
        })
}

/// `calls`: how many payments a call gets, of the first producer, and of the second; then in turns.
fn worker(payments: Vec<Payment>, calls: [usize; 2]) -> Scenario {
    Scenario::new(move |aws| {
        let payments = payments.clone();
        async move {
            for call in payments.chunks(calls[(aws.life as usize - 1) % 2]) {
                answer::send(&aws.kinesis, &aws.name("payment-events"), call).await?;
            }
            Ok::<_, answer::Error>(())
        }
    })
}

/// What a consumer that passes over repeats finds.
#[derive(Default)]
struct Found {
    /// The amounts of each account, in order.
    accounts: BTreeMap<String, Vec<i64>>,
    ids: BTreeSet<String>,
    /// The first record that came again: its id, its account, and its amount.
    repeat: Option<(String, String, i64)>,
}

const ANSWERS: &str = "one payment was sent twice, and another one never: which answer belongs to which record of its call?";

const ONE_ID_EACH: &str =
    "an id is that of one payment: make it from the row, all of it, and not from content or place";

fn found(aftermath: &Aftermath) -> Result<Found, Anomaly> {
    let corrupt = |what: String| Anomaly::new(AnomalyKind::Corrupt, what);
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut found = Found::default();
    let records = aftermath.records.get("payment-events");
    for (partition_key, data) in records.into_iter().flatten() {
        let text = visible(&String::from_utf8_lossy(data));
        let record: Value = serde_json::from_slice(data).map_err(|_| {
            corrupt(format!("the record `{text}` is no JSON")).because(
                "in JSON a quote, a backslash and each character below U+0020 are escaped, and there is no \\u{…}: let a library write it",
            )
        })?;
        let (Some(id), Some(account), Some(cents)) = (
            record["eventId"].as_str(),
            record["accountId"].as_str(),
            record["amountCents"].as_i64(),
        ) else {
            return Err(corrupt(format!(
                "the record `{text}` lacks one of eventId, accountId and amountCents"
            )));
        };
        if partition_key != account {
            return Err(corrupt(format!(
                "the record `{text}` has the partition key `{}`, which is not its account",
                visible(partition_key)
            ))
            .because("an account's id is any text: both take it as it is, whole, with its capitals and its spaces"));
        }
        let payment = json!([account, cents]);
        match known.get(id) {
            None => {
                known.insert(id.to_owned(), payment);
                found.ids.insert(id.to_owned());
                let payments = found.accounts.entry(account.to_owned()).or_default();
                payments.push(cents);
            }
            Some(before) if *before == payment => {
                let repeat = (id.to_owned(), account.to_owned(), cents);
                found.repeat.get_or_insert(repeat);
            }
            Some(_) => {
                let what = format!(
                    "`{id}` is the id of two payments: a consumer takes the second for a repeat"
                );
                return Err(Anomaly::new(AnomalyKind::Lost, what).because(ONE_ID_EACH));
            }
        }
    }
    Ok(found)
}

fn differences(payments: &[Payment], found: &Found, aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut expected: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in payments {
        let account = expected.entry(&payment.account_id).or_default();
        account.push(payment.amount_cents);
    }
    let mut anomalies = Vec::new();
    for (account, expected) in expected {
        let there = found.accounts.get(account).cloned().unwrap_or_default();
        if there == expected {
            continue;
        }
        let anomaly = |kind, what: &str| {
            let (there, expected) = (told(&there), told(&expected));
            Anomaly::new(
                kind,
                format!(
                    "{what}: a consumer finds {} at {there}; sent was {expected}",
                    visible(account)
                ),
            )
        };
        let sorted = |cents: &[i64]| {
            let mut cents = cents.to_vec();
            cents.sort_unstable();
            cents
        };
        let is_plain = aftermath.is_plain();
        anomalies.push(match there.len().cmp(&expected.len()) {
            Ordering::Less => missing(anomaly, payments, found, aftermath),
            Ordering::Greater => anomaly(AnomalyKind::Duplicate, "a payment is there under two ids").because(
                "whoever sends a payment again has to find the id that it had: make it from the row, which all producers read",
            ),
            Ordering::Equal if sorted(&there) != sorted(&expected) => {
                anomaly(AnomalyKind::Corrupt, "an amount was changed")
                    .because("whole cents need no float on their way: it has no exact 0.29, and above 2^53 no odd number")
            }
            Ordering::Equal => anomaly(AnomalyKind::Corrupt, "the payments are out of order").because(match is_plain {
                true => "nothing failed here: the order is that of `payments`, not of rows or ids",
                false => "a payment was on its way before the one before it, of the same account, was on the stream for certain",
            }),
        });
    }
    anomalies
}

/// Fewer payments than were sent.
fn missing(
    anomaly: impl Fn(AnomalyKind, &str) -> Anomaly,
    payments: &[Payment],
    found: &Found,
    aftermath: &Aftermath,
) -> Anomaly {
    let refused = aftermath
        .trace
        .iter()
        .filter(|entry| entry.struck == Some(PartialPut));
    if let (true, Some((id, account, cents))) = (aftermath.is_plain(), &found.repeat) {
        let what = format!("a payment is missing, and the id `{id}` is there twice");
        // Of two payments that are alike nobody knows which one it was.
        let alike = payments
            .iter()
            .filter(|payment| (&payment.account_id, &payment.amount_cents) == (account, cents));
        return anomaly(AnomalyKind::Lost, &what).because(match alike.count() {
            0 | 1 => ANSWERS,
            _ => ONE_ID_EACH,
        });
    }
    let missing = anomaly(AnomalyKind::Lost, "a payment is missing");
    if aftermath.is_plain() {
        return missing.because(
            "nothing failed here, and it was never sent: each payment counts, of any amount, whatever was sent before; nothing is kept in a static",
        );
    }
    match refused.count() {
        0 | 1 => missing,
        _ => missing.because(
            "what was refused may be refused again: each answer is about the records of its own call, and who stops trying has to return an error",
        ),
    }
}

/// A text as a report can show it.
fn visible(text: &str) -> String {
    let shown = text
        .chars()
        .map(|c| match c.is_control() || c == '\u{200b}' {
            true => c.escape_unicode().to_string(),
            false => c.to_string(),
        });
    shown.collect()
}

fn told(cents: &[i64]) -> String {
    let amounts: Vec<_> = cents.iter().map(|cents| money(*cents)).collect();
    match amounts.is_empty() {
        true => "nothing".to_owned(),
        false => amounts.join(", "),
    }
}

/// All producers of a run are one process, in which a process id or a static looks as if it stayed. So the same payments
/// are sent in another process, too.
fn other_ids_in_another_process(found: &Found) -> Option<Anomaly> {
    const IS_OTHER: &str = "PRODUCER_RETRY_TELLS_IDS";
    const IDS: &str = "ids of another process: ";
    static OTHER: OnceLock<Option<BTreeSet<String>>> = OnceLock::new();
    if std::env::var_os(IS_OTHER).is_some() {
        println!("{IDS}{}", json!(found.ids));
        return None;
    }
    // One run repeated: on the command line, or on a service where streams cost time and money.
    if ["LAB_DATA", "LAB_FAULT", "LAB_BACKEND"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
    {
        return None;
    }
    let other = OTHER.get_or_init(|| {
        let mut process = Command::new(std::env::current_exe().ok()?);
        process.args(["every_payment_is_on_the_stream", "--nocapture"]);
        process.env(IS_OTHER, "").env("LAB_FAULT", "");
        let told = String::from_utf8(process.output().ok()?.stdout).ok()?;
        let ids = told.lines().find_map(|line| line.split_once(IDS))?.1;
        serde_json::from_str(ids).ok()
    });
    let (here, there) = (found.ids.iter(), other.as_ref()?.iter());
    let (here, there) = here.zip(there).find(|(here, there)| here != there)?;
    let what = format!("a payment has the id `{here}` in one process, and `{there}` in another");
    Some(Anomaly::new(AnomalyKind::Duplicate, what).because(
        "a producer that begins after another is a new process: make the id from the row, which both read",
    ))
}
