//! The story: two processors side by side, then two that are killed.

use super::events;
use super::process::PREFIX;
use super::processors::Processor::{self, CheckThenAct, Idempotent, Naive};
use super::screen::Screen;
use super::set::{self, BALANCES, STREAM};
use anyhow::{Context, Result, bail};
use lab::{Act, Aftermath, Entry, Fault, Ledger, Stage, Strike, money};
use std::collections::BTreeMap;

type Balances = BTreeMap<String, i64>;

/// Tells the whole story.
///
/// # Errors
/// The backend refuses, or a worker cannot be started.
pub fn tell(stage: &Stage, screen: &mut Screen) -> Result<()> {
    screen.heading("Five payments on a stream");
    set::build(stage)?;
    screen.line(&format!("  opening balances: {}", list(&opening())));
    events::send(stage, screen)?;
    side_by_side(stage, screen)?;
    let after_its_kill = killed(stage, screen, CheckThenAct, Gap::BeforeRemembering)?;
    let survived = killed(stage, screen, Idempotent, Gap::AfterTheTransaction)?;
    screen.heading("What survived the kill");
    for (processor, balances) in [(CheckThenAct, after_its_kill), (Idempotent, survived)] {
        verdict(screen, processor.name(), &balances);
    }
    Ok(())
}

/// Processes the stream once, for a terminal of its own.
///
/// # Errors
/// The backend refuses, or the worker cannot be started.
pub fn process(stage: &Stage, processor: Processor, screen: &mut Screen) -> Result<()> {
    screen.line(&format!(
        "{} reads {STREAM} from its beginning",
        processor.name()
    ));
    let act = play(stage, processor, &[])?;
    show(screen, &act);
    verdict(screen, "balances", &balances(stage)?);
    Ok(())
}

fn side_by_side(stage: &Stage, screen: &mut Screen) -> Result<()> {
    screen.heading("Two processors, each on fresh tables");
    let mut columns = Vec::new();
    for processor in [Naive, Idempotent] {
        set::reset(stage)?;
        let act = play(stage, processor, &[])?;
        let balances = balances(stage)?;
        columns.push(Column {
            processor,
            act,
            balances,
        });
    }
    let mut row = |label: &str, cell: &dyn Fn(&Column) -> String| {
        let cells: String = columns
            .iter()
            .map(|column| format!("{:>12}", cell(column)))
            .collect();
        screen.line(&format!("  {label:<24}{cells}"));
    };
    row("", &|column| column.processor.name().to_owned());
    row("events received", &|column| {
        column.act.printed.lines().count().to_string()
    });
    row("processed", &|column| column.count("applied"));
    row("duplicates skipped", &|column| column.count("duplicate"));
    for (account, expected) in expected() {
        row(
            &format!("{account}, {} expected", money(expected)),
            &|column| money(column.balances.get(&account).copied().unwrap_or(0)),
        );
    }
    for column in &columns {
        verdict(screen, column.processor.name(), &column.balances);
    }
    Ok(())
}

/// A processor, what it did, and what it left.
struct Column {
    processor: Processor,
    act: Act,
    balances: Balances,
}

impl Column {
    fn count(&self, outcome: &str) -> String {
        self.act
            .printed
            .lines()
            .filter(|line| line.ends_with(outcome))
            .count()
            .to_string()
    }
}

/// Where in the work on evt_2 the worker is killed.
#[derive(Clone, Copy)]
enum Gap {
    /// The balance is written, the event is not remembered yet.
    BeforeRemembering,
    /// The transaction is applied, its answer has not arrived.
    AfterTheTransaction,
}

impl Gap {
    fn strike(self, trace: &[Entry]) -> Option<Strike> {
        let (fault, operation, table) = match self {
            Gap::BeforeRemembering => (Fault::CrashBefore, "PutItem", Some(set::PROCESSED)),
            Gap::AfterTheTransaction => (Fault::CrashAfter, "TransactWriteItems", None),
        };
        // The second such call is the one for evt_2.
        let is_it = |entry: &Entry| {
            entry.operation == operation
                && table.is_none_or(|table| entry.resources.iter().any(|name| name == table))
        };
        let calls = trace.iter().enumerate().filter(|(_, entry)| is_it(entry));
        let (index, _) = calls.into_iter().nth(1)?;
        Some(Strike {
            fault,
            at: index as u32 + 1,
        })
    }

    fn told(self) -> &'static str {
        match self {
            Gap::BeforeRemembering => "killed: evt_2 is in bob's balance, and not yet remembered",
            Gap::AfterTheTransaction => "killed: evt_2 is applied, and its worker has not heard so",
        }
    }
}

fn killed(stage: &Stage, screen: &mut Screen, processor: Processor, gap: Gap) -> Result<Balances> {
    screen.heading(&format!(
        "{} is killed in the middle of evt_2",
        processor.name()
    ));
    set::reset(stage)?;
    // Once without a kill: it shows the calls, and that the processor is right as long as nothing happens.
    let rehearsal = play(stage, processor, &[])?;
    let undisturbed = balances(stage)?;
    verdict(screen, "undisturbed", &undisturbed);
    let strike = gap
        .strike(&rehearsal.trace)
        .context("The processor did not make the call to be killed at.")?;
    set::reset(stage)?;
    let first = play(stage, processor, &[strike])?;
    if first.status.is_some() {
        bail!("The worker ended before it could be killed.");
    }
    screen.line("  worker 1");
    show(screen, &first);
    screen.verdict(&format!("    {}", gap.told()), false);
    let second = play(stage, processor, &[])?;
    screen.line("  worker 2, from the beginning of the stream");
    show(screen, &second);
    let balances = balances(stage)?;
    verdict(screen, "balances", &balances);
    Ok(balances)
}

fn show(screen: &mut Screen, act: &Act) {
    for line in act.printed.lines() {
        screen.faint(&format!("    {line}"));
    }
}

fn verdict(screen: &mut Screen, label: &str, balances: &Balances) {
    let right = *balances == expected();
    let note = if right { "right" } else { "WRONG" };
    screen.verdict(&format!("  {label:<16}{:<28}{note}", list(balances)), right);
}

/// Runs a processor in a process of its own.
fn play(stage: &Stage, processor: Processor, plan: &[Strike]) -> Result<Act> {
    let this = std::env::current_exe().context("The demo does not find its own program.")?;
    let mut command = std::process::Command::new(this);
    command.args(["demo", "worker", processor.name()]);
    command.env(PREFIX, stage.with(async |world| world.name("")));
    let act = stage
        .play(command, plan)
        .context("A worker cannot be started")?;
    match act.status {
        Some(status) if !status.success() => {
            bail!("The {} worker ended with {status}.", processor.name())
        }
        _ => Ok(act),
    }
}

fn balances(stage: &Stage) -> Result<Balances> {
    let items = stage.with(async |world| world.items(BALANCES).await)?;
    let balance = |item| {
        let account = Aftermath::text(item, "accountId")?;
        Some((account.to_owned(), Aftermath::number(item, "balanceCents")?))
    };
    Ok(items.iter().filter_map(balance).collect())
}

fn expected() -> Balances {
    Ledger::five_payments().balances()
}

fn opening() -> Balances {
    Ledger::five_payments().opening().clone()
}

fn list(balances: &Balances) -> String {
    let all: Vec<_> = balances
        .iter()
        .map(|(id, cents)| format!("{id} {}", money(*cents)))
        .collect();
    all.join(", ")
}
