//! Runs five processors, and kills each after each of its calls: what the book's crash slider shows.

#[path = "crashes/processors.rs"]
mod processors;

use atomic_checkpoint_solution::SHARD;
use lab::backend::Kind;
use lab::{Aftermath, Fault, Ledger, Run, Scenario, Strike};
use processors::{Processor, demo, work};
use std::fmt::Write;

#[test]
fn naive() {
    insta::assert_snapshot!("naive", table(Processor::Demo(demo::Processor::Naive)));
}

#[test]
fn check_then_act() {
    insta::assert_snapshot!(
        "check_then_act",
        table(Processor::Demo(demo::Processor::CheckThenAct))
    );
}

#[test]
fn mark_first() {
    insta::assert_snapshot!("mark_first", table(Processor::MarkFirst));
}

#[test]
fn atomic() {
    insta::assert_snapshot!(
        "atomic",
        table(Processor::Demo(demo::Processor::Idempotent))
    );
}

#[test]
fn batch() {
    insta::assert_snapshot!("batch", table(Processor::Batch));
}

/// What is left when the worker dies after each of its calls, and when another one has gone on to the end.
fn table(processor: Processor) -> String {
    let whole = scenario(processor, true);
    let stopped = scenario(processor, false);
    let plain = run(&whole, &[]);
    let mut text = "| the worker dies after | balances | remembered | position \
                    | balances in the end | remembered in the end | position in the end | verdict |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut row = |when: &str, then: &Aftermath, end: &Run| {
        let _ = writeln!(
            text,
            "| {when} | {} | {} | {} |",
            state(then),
            state(&end.aftermath),
            verdict(end)
        );
    };
    row("nothing: it lives", &plain.aftermath, &plain);
    for (index, call) in plain.aftermath.trace.iter().enumerate() {
        let crash = Fault::CrashAfter.at(index as u32 + 1);
        let then = run(&stopped, &[crash]);
        let end = run(&whole, &[crash]);
        assert!(then.fired && end.fired, "it makes the same calls each time");
        row(
            &format!("{} {}", index + 1, call.call()),
            &then.aftermath,
            &end,
        );
    }
    text
}

fn run(scenario: &Scenario, plan: &[Strike]) -> Run {
    let kind = Kind::from_env().expect("the backend is known");
    lab::run(kind, scenario, plan).expect("the backend can be used")
}

/// Three payments in four records: the producer sent the second one twice. Whether another worker `goes_on` after a
/// crash is what a look at the moment of the crash differs in.
fn scenario(processor: Processor, goes_on: bool) -> Scenario {
    let four = Ledger::four_payments();
    let [first, second, third, _] = four.deliveries() else {
        unreachable!("these are four payments");
    };
    let deliveries = [first, second, third, second].map(Clone::clone).to_vec();
    let ledger = four.delivering(deliveries);
    Scenario::new(move |aws| async move {
        if aws.life > 1 && !goes_on {
            return Ok(());
        }
        work(processor, aws).await
    })
    .stream("payment-events", 1, ledger.records())
    .table("account-balances", "accountId", ledger.opening_items())
    .table("processed-events", "eventId", Vec::new())
    .table("checkpoints", "shardId", Vec::new())
    .audit(move |aftermath| ledger.audit(aftermath))
}

fn state(aftermath: &Aftermath) -> String {
    let remembered: Vec<_> = aftermath
        .items("processed-events")
        .iter()
        .filter_map(|item| Aftermath::text(item, "eventId"))
        .collect();
    let remembered = match remembered.is_empty() {
        true => "nothing".to_owned(),
        false => remembered.join(", "),
    };
    let position = aftermath
        .records_done("payment-events", SHARD, aftermath.items("checkpoints"))
        .expect("the position is a record's");
    format!(
        "{} | {remembered} | {position} of {}",
        Ledger::four_payments().balances_in(aftermath),
        aftermath.sequence_numbers["payment-events"].len()
    )
}

fn verdict(run: &Run) -> String {
    let found: Vec<_> = run
        .anomalies
        .iter()
        .map(|anomaly| match &anomaly.event_id {
            Some(event_id) => format!("{} {event_id}", anomaly.kind),
            None => format!("{}: {}", anomaly.kind, anomaly.what),
        })
        .collect();
    match found.is_empty() {
        true => "sound".to_owned(),
        false => found.join(", "),
    }
}
