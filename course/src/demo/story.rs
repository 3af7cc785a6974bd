//! The story: two processors side by side, then two that are killed.

use super::events;
use super::process::PREFIX;
use super::processors::Processor::{self, CheckThenAct, Idempotent, Naive};
use super::screen::Screen;
use super::set::{self, BALANCES, PROCESSED, STREAM};
use anyhow::{Context, Result, bail};
use lab::backend::Kind;
use lab::{Act, Aftermath, Entry, Fate, Fault, Ledger, Scene, Stage, money};
use std::collections::{BTreeMap, BTreeSet};

type Balances = BTreeMap<String, i64>;

/// Tells the whole story.
///
/// # Errors
/// The backend refuses, or a worker cannot be started.
pub fn tell(stage: &Stage, kind: Kind, screen: &mut Screen) -> Result<()> {
    screen.heading("Four payments in five records");
    set::build(stage, kind)?;
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
    // However long the stream has become.
    let scene = worker(stage, processor)?
        .attempts_at_most(u32::MAX)
        .heard_by(|line| print_line(screen, line));
    let act = undisturbed(stage, scene)?;
    if act.printed.is_empty() {
        screen.line(
            "  There is nothing on the stream yet: `demo send`, in another terminal, sends five payments.",
        );
        return Ok(());
    }
    // The other terminal may still be sending: what counts is what has been read.
    verdict_of(screen, "balances", &balances(stage)?, &expected_of(&act));
    Ok(())
}

/// The balances that the events which a worker has read lead to.
fn expected_of(act: &Act) -> Balances {
    let read: BTreeSet<_> = act
        .printed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let ledger = Ledger::five_payments();
    let events = ledger
        .deliveries()
        .iter()
        .filter(|payment| read.contains(payment.event_id.as_str()));
    let opening: Vec<_> = ledger
        .opening()
        .iter()
        .map(|(id, cents)| (id.as_str(), *cents))
        .collect();
    Ledger::new(&opening, events.cloned().collect()).balances()
}

fn side_by_side(stage: &Stage, screen: &mut Screen) -> Result<()> {
    screen.heading("Two processors, each on fresh tables");
    let mut columns = Vec::new();
    for processor in [Naive, Idempotent] {
        set::reset(stage)?;
        let act = undisturbed(stage, worker(stage, processor)?)?;
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
    fn fault(self) -> Fault {
        match self {
            Gap::BeforeRemembering => Fault::CrashBefore,
            Gap::AfterTheTransaction => Fault::CrashAfter,
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Gap::BeforeRemembering => "PutItem",
            Gap::AfterTheTransaction => "TransactWriteItems",
        }
    }

    fn told(self, call: &Entry) -> String {
        match self {
            Gap::BeforeRemembering => format!("killed before {} was sent", call.call()),
            Gap::AfterTheTransaction => {
                format!("killed after {}, before its answer", call.operation)
            }
        }
    }
}

fn killed(stage: &Stage, screen: &mut Screen, processor: Processor, gap: Gap) -> Result<Balances> {
    screen.heading(&format!(
        "{} is killed in the middle of evt_2",
        processor.name()
    ));
    set::reset(stage)?;
    // Once without a kill: the processor is right as long as nothing happens.
    undisturbed(stage, worker(stage, processor)?)?;
    verdict(screen, "undisturbed", &balances(stage)?);

    set::reset(stage)?;
    screen.line("  worker 1");
    // Each of these calls remembers an event, and the second one evt_2.
    let scene = worker(stage, processor)?
        .struck_by(&[gap.fault().at(2)])
        .only_at(gap.operation(), PROCESSED)
        .heard_by(|line| print_line(screen, line));
    let first = stage.play(scene).context("A worker cannot be started")?;
    let (Fate::Crashed(_), Some(last)) = (first.fate, first.trace.last()) else {
        bail!(
            "The {} worker ended before it could be killed.",
            processor.name()
        );
    };
    screen.verdict(&format!("    {}", gap.told(last)), false);
    let left = balances(stage)?;
    screen.line(&format!(
        "    left behind: {}; remembered: {}",
        list(&left),
        remembered(stage)?.join(", ")
    ));

    screen.line("  worker 2, from the beginning of the stream");
    undisturbed(
        stage,
        worker(stage, processor)?.heard_by(|line| print_line(screen, line)),
    )?;
    let balances = balances(stage)?;
    verdict(screen, "balances", &balances);
    Ok(balances)
}

fn print_line(screen: &mut Screen, line: &str) {
    screen.faint(&format!("    {line}"));
}

fn verdict(screen: &mut Screen, label: &str, balances: &Balances) {
    verdict_of(screen, label, balances, &expected());
}

fn verdict_of(screen: &mut Screen, label: &str, balances: &Balances, expected: &Balances) {
    let right = balances == expected;
    let note = if right { "right" } else { "WRONG" };
    screen.verdict(&format!("  {label:<16}{:<28}{note}", list(balances)), right);
}

/// A processor in a process of its own.
fn worker<'a>(stage: &Stage, processor: Processor) -> Result<Scene<'a>> {
    let this = std::env::current_exe().context("The demo does not find its own program")?;
    let mut command = std::process::Command::new(this);
    command.args(["demo", "worker", processor.name()]);
    command.env(PREFIX, stage.with(async |world| world.name("")));
    Ok(Scene::new(command))
}

/// Plays a scene in which the worker comes to its end.
fn undisturbed(stage: &Stage, scene: Scene<'_>) -> Result<Act> {
    let act = stage.play(scene).context("A worker cannot be started")?;
    match act.fate {
        Fate::Ended(status) if status.success() => Ok(act),
        Fate::Ended(status) => {
            let last = act
                .trace
                .last()
                .map(|entry| format!(" after {}", entry.call()));
            bail!("A worker ended with {status}{}.", last.unwrap_or_default())
        }
        Fate::Crashed(_) | Fate::Runaway(_) => {
            bail!(
                "A worker made {} calls and did not come to an end.",
                act.trace.len()
            )
        }
    }
}

/// The ids in `processed-events`.
fn remembered(stage: &Stage) -> Result<Vec<String>> {
    let items = stage.with(async |world| world.items(PROCESSED).await)?;
    Ok(items
        .iter()
        .filter_map(|item| Aftermath::text(item, "eventId"))
        .map(str::to_owned)
        .collect())
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
