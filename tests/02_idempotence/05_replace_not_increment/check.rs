//! The balance is the sum of the events, however they come.

use super::answer::{self, PaymentEvent, Tables};
use lab::Fault::*;
use lab::world::{Item, item};
use lab::{
    Aftermath, Anomaly, AnomalyKind, Aws, Check, Direction, Entry, Ledger, Outcome, Payment,
    Scenario,
};
use serde_json::json;

#[test]
fn a_balance_is_the_sum_of_its_events_however_they_come() {
    Check::new(
        lab::exercise!(),
        "apply",
        "the sum of the events, however they come",
        scenario(&payments()),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        Conflict,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    .race(race())
    .again(ThrottledOut, 2)
    .also_under(&[CrashBefore], [scenario(&drawn(71))])
    .also_under(&[NoAnswer, ServerError, Denied], [scenario(&few())])
    .facts(|aftermath| vec![("balances".into(), payments().ledger.balances_in(aftermath))])
    .judge();
}

/// What two accounts have to which nobody pays.
const STRANGERS: [(&str, i64); 2] = [("aaron", 77_700), ("zoe", 999_900)];

/// Payments of one account, and one more that comes late: only every second worker gets it.
#[derive(Clone)]
struct Payments {
    ledger: Ledger,
    late: Payment,
}

impl Payments {
    /// `late` has the first of all ids, so it is on the first page.
    fn of(account: &str, opening: i64, payments: Vec<Payment>, late: (Direction, i64)) -> Self {
        let [first, last] = STRANGERS;
        Payments {
            ledger: Ledger::new(&[first, (account, opening), last], payments),
            late: Payment::new("evt_0_late", account, late.0, late.1),
        }
    }

    fn account(&self) -> &str {
        &self.late.account_id
    }
}

/// Two payments of alice. The one that is recorded last, where nothing fails, is on the second page: its id comes after
/// `opening`. The late one is a withdrawal: a newer sum may be a lower one.
fn payments() -> Payments {
    let deliveries = vec![
        Payment::new("evt_1", "alice", Direction::Deposit, 50_00),
        Payment::new("payment_2", "alice", Direction::Withdrawal, 20_00),
    ];
    Payments::of("alice", 10_000, deliveries, (Direction::Withdrawal, 703))
}

/// Payments of one account, drawn from a seed: more than two pages of them, and more money than a float counts in cents. They
/// come backwards.
fn drawn(seed: u64) -> Payments {
    let ledger = Ledger::from_seed(seed).without_repeats();
    let account = ledger.deliveries()[0].account_id.clone();
    let mut payments: Vec<_> = ledger.deliveries().iter().take(3).cloned().collect();
    for payment in &mut payments {
        payment.account_id.clone_from(&account);
    }
    payments.reverse();
    let late = (Direction::Deposit, 2_000_000);
    // Above 2^54, and odd in the end.
    let sum: i64 = payments.iter().map(Payment::delta_cents).sum();
    let opening = 18_014_398_509_491_985 - sum.rem_euclid(2);
    Payments::of(&account, opening, payments, late)
}

/// Workers to whom all payments are delivered: to every second one backwards, and with one more.
fn scenario(payments: &Payments) -> Scenario {
    let forwards = payments.ledger.deliveries().to_vec();
    let mut backwards = forwards.clone();
    backwards.reverse();
    backwards.push(payments.late.clone());
    on_tables(payments, move |aws| {
        let deliveries = match aws.life % 2 {
            1 => forwards.clone(),
            _ => backwards.clone(),
        };
        worker(deliveries, aws)
    })
    .items_a_page(2)
}

/// Two workers with one payment each: whoever loses the race for the balance has nobody after it who would mend it.
///
/// Together the payments change nothing, so a balance may be equal to a sum that it was not set to.
fn race() -> Scenario {
    let mine = vec![
        Payment::new("evt_1", "alice", Direction::Deposit, 30_00),
        Payment::new("evt_2", "alice", Direction::Withdrawal, 30_00),
    ];
    let payments = Payments::of("alice", 10_000, mine.clone(), (Direction::Deposit, 703));
    on_tables(&payments, move |aws| {
        // Whoever is started after one of them has given up does the work of both.
        let deliveries = match mine.get(aws.life as usize - 1) {
            Some(payment) => vec![payment.clone()],
            None => mine.clone(),
        };
        worker(deliveries, aws)
    })
}

/// One payment, and the late one.
fn few() -> Payments {
    let only = vec![Payment::new("evt_1", "alice", Direction::Deposit, 30_00)];
    Payments::of("alice", 10_000, only, (Direction::Deposit, 703))
}

fn on_tables<F>(payments: &Payments, work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = Result<(), answer::Error>> + 'static,
{
    let payments = payments.clone();
    let ledger = &payments.ledger;
    Scenario::new(work)
        .sorted_table("account-events", "accountId", "eventId", openings(ledger))
        .table("account-balances", "accountId", balances(ledger))
        .audit(move |aftermath| audit(&payments, aftermath))
}

/// Every payment is recorded under its own id, and the balance is the sum of what is recorded.
fn audit(payments: &Payments, aftermath: &Aftermath) -> Vec<Anomaly> {
    let Payments { ledger, late } = payments;
    let recorded: Vec<_> = aftermath
        .items("account-events")
        .iter()
        .filter(|item| Aftermath::text(item, "accountId") == Some(payments.account()))
        .filter_map(|item| Aftermath::text(item, "eventId"))
        .collect();
    let mut anomalies = Vec::new();
    let mut known = ledger.event_ids();
    known.extend(["opening", &late.event_id]);
    if let Some(other) = recorded.iter().find(|id| !known.contains(*id)) {
        let what = format!(
            "account-events holds `{other}`, which is no event's id: each delivery of it counts"
        );
        anomalies.push(Anomaly::new(AnomalyKind::Duplicate, what));
    }
    for id in &ledger.event_ids() {
        if !recorded.contains(id) {
            let what = format!("{id} is not in account-events: the next sum will lack it");
            anomalies.push(Anomaly::of_event(AnomalyKind::Lost, id, what));
        }
    }
    let are_recorded = anomalies.is_empty();
    let mut deliveries = ledger.deliveries().to_vec();
    if recorded.contains(&late.event_id.as_str()) {
        deliveries.push(late.clone());
    }
    let mut of_balances = ledger.delivering(deliveries).audit(aftermath);
    for anomaly in of_balances.iter_mut().filter(|_| are_recorded) {
        anomaly.why = match (aftermath.is_plain(), anomaly.kind) {
            (_, AnomalyKind::Duplicate) => None,
            (true, _) => Some(why_the_sum_is_wrong(payments, aftermath)),
            (false, _) if aftermath.left_pages() => Some(PAGE_BY_PAGE),
            (false, _) if refused_and_went_on(aftermath) => Some(
                "a worker was refused, and set the balance all the same: from then on nothing counts that was read before",
            ),
            (false, _) => None,
        };
    }
    anomalies.extend(of_balances);
    anomalies
}

const PAGE_BY_PAGE: &str = "all that counts is recorded, and the sum lacks a part: read on for as long as a page comes with LastEvaluatedKey";

/// The likely reason for a wrong balance of recorded events where nothing has failed.
fn why_the_sum_is_wrong(payments: &Payments, aftermath: &Aftermath) -> &'static str {
    let account = payments.account();
    let cents = |ledger: &std::collections::BTreeMap<String, i64>| ledger.get(account).copied();
    let item = aftermath
        .items("account-balances")
        .iter()
        .find(|item| Aftermath::text(item, "accountId") == Some(account));
    let has = item.and_then(|item| Aftermath::number(item, "balanceCents"));
    let too_much = has.zip(cents(&payments.ledger.balances()));
    let too_much = too_much.map_or(0, |(has, expected)| has - expected);
    let strangers: i64 = STRANGERS.iter().map(|(_, cents)| cents).sum();
    if too_much == strangers {
        "the events of other accounts were added up as well: ask for those of one `accountId`"
    } else if Some(-too_much) == cents(payments.ledger.opening()) {
        "the sum lacks `opening`: what an account had before is an event like any other"
    } else if aftermath.left_pages() {
        PAGE_BY_PAGE
    } else {
        "the event is recorded, and not in the sum: all of them count, on every page, above and below 0, and in any order"
    }
}

/// Whether a worker that had stalled was refused the balance, and has then written it for the same event.
fn refused_and_went_on(aftermath: &Aftermath) -> bool {
    let trace = &aftermath.trace;
    let Some(stalled) = trace.iter().position(|entry| entry.struck == Some(Zombie)) else {
        return false;
    };
    let writes = |entry: &Entry, table: &str| {
        let reads = ["GetItem", "Query", "Scan"].contains(&entry.operation.as_str());
        !reads && entry.resources.iter().any(|name| name == table)
    };
    let is_refused = |entry: &Entry| matches!(&entry.outcome, Outcome::Error(code) if code.contains("ConditionalCheckFailed"));
    trace[stalled..]
        .iter()
        .filter(|entry| entry.life == trace[stalled].life)
        .skip_while(|entry| !(writes(entry, "account-balances") && is_refused(entry)))
        .take_while(|entry| !writes(entry, "account-events"))
        .any(|entry| writes(entry, "account-balances") && entry.outcome == Outcome::Ok)
}

async fn worker(deliveries: Vec<Payment>, aws: Aws) -> Result<(), answer::Error> {
    let tables = Tables {
        account_events: aws.name("account-events"),
        account_balances: aws.name("account-balances"),
    };
    for payment in deliveries {
        let event = PaymentEvent {
            event_id: payment.event_id.clone(),
            account_id: payment.account_id.clone(),
            delta_cents: payment.delta_cents(),
        };
        answer::apply(&aws.dynamodb, &tables, &event).await?;
    }
    Ok(())
}

fn openings(ledger: &Ledger) -> Vec<Item> {
    let opening = |(account, cents): (&String, &i64)| {
        item(json!({
            "accountId": { "S": account },
            "eventId": { "S": "opening" },
            "deltaCents": { "N": cents.to_string() },
        }))
    };
    ledger.opening().iter().map(opening).collect()
}

fn balances(ledger: &Ledger) -> Vec<Item> {
    let mut items = ledger.opening_items();
    for item in &mut items {
        item.insert("version".to_owned(), json!({ "N": "0" }));
    }
    items
}
