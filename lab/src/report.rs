//! How a verdict is told: the document that a learner must match, the evidence for it, and the story of a failure.

use crate::audit::AnomalyKind;
use crate::cost::Cost;
use crate::data::Data;
use crate::diagnosis::why;
use crate::fault::{Fault, Strike};
use crate::run::Run;
use crate::trace::{Entry, Outcome};
use crate::verdict::{Budget, Judgement, Verdict, Violation};
use std::fmt::Write;

const WIDTH: usize = 34;

/// The verdict: what any right answer matches. It holds no call, count, token or time.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    let mut text = format!("{}\n\n", verdict.title);
    let plain = if verdict.plain.anomalies.is_empty() {
        "sound"
    } else {
        "UNSOUND"
    };
    line(&mut text, "no fault", plain);
    for row in &verdict.rows {
        let judgement = match row.judgement(&verdict.permitted) {
            Judgement::Sound => "sound",
            Judgement::Unsound => "UNSOUND",
            Judgement::Unproven => "UNPROVEN: it never had an occasion",
        };
        line(&mut text, row.label, judgement);
    }
    text.push('\n');
    for (label, fact) in &verdict.facts {
        line(&mut text, label, fact);
    }
    if let Some(budget) = &verdict.budget {
        let most = format!(
            "at most {} calls and {} capacity units for each {}",
            budget.calls, budget.capacity_units, budget.per
        );
        line(
            &mut text,
            if verdict.within_budget() {
                "within budget"
            } else {
                "OVER BUDGET"
            },
            &most,
        );
    }
    text
}

/// The evidence: calls, cells and cost of this very answer.
pub(crate) fn evidence(verdict: &Verdict) -> String {
    let mut text = format!("{}\n\nThe calls of a run without faults\n", verdict.title);
    text.push_str(&calls(&verdict.plain.aftermath.trace));
    let cost = verdict.plain.cost;
    let _ = writeln!(
        text,
        "\nIts cost: {} attempts, {} write units, {} units in all\n",
        cost.attempts,
        cost.write_units,
        units(cost)
    );
    text.push_str(&cells(verdict));
    text
}

/// How many runs went wrong, for each kind of fault.
pub(crate) fn cells(verdict: &Verdict) -> String {
    let mut text = "Wrong results / runs\n".to_owned();
    let mut runs = 0;
    for row in &verdict.rows {
        let (wrong, all) = row.cells(&verdict.permitted);
        runs += all;
        let anomalies = row
            .runs
            .iter()
            .filter(|run| !run.anomalies.is_empty())
            .count();
        let mut cell = if all == 0 {
            match row.must_happen {
                true => "no occasion".to_owned(),
                false => "no occasion, none needed".to_owned(),
            }
        } else {
            format!("{wrong:>3} / {all:<3}")
        };
        if anomalies > wrong {
            let _ = write!(
                cell,
                "   ({} with an anomaly that is permitted here)",
                anomalies - wrong
            );
        }
        line(&mut text, row.label, &cell);
    }
    line(&mut text, "all faults", &format!("{runs:>9} runs"));
    text
}

/// What a run without faults costs, and what it may cost.
pub(crate) fn over_budget(verdict: &Verdict, page: &str) -> String {
    let cost = verdict.plain.cost;
    let (calls, units) = (cost.attempts, units(cost));
    let mut text = format!("OVER BUDGET {calls} calls and {units} capacity units");
    if let Some(Budget {
        per,
        count,
        calls,
        capacity_units,
    }) = verdict.budget
    {
        let _ = write!(
            text,
            "; the budget is {} and {}: for each {per} {calls} and {capacity_units}",
            calls * count,
            capacity_units * count
        );
    }
    text.push('\n');
    tell(&mut text, "when", "with no fault at all");
    tell(
        &mut text,
        "why",
        "you pay for each call and each unit, for each event: see which of the calls below decides nothing",
    );
    tell(&mut text, "read", page);
    text
}

/// Capacity units, of which a read may need half a one.
fn units(cost: Cost) -> String {
    format!(
        "{}.{}",
        cost.half_units() / 2,
        if cost.half_units() % 2 == 1 { 5 } else { 0 }
    )
}

/// One more run, call by call.
pub(crate) fn example(run: &Run) -> String {
    let trace = &run.aftermath.trace;
    let what = when(&run.plan, trace, &[]).replace("; then ", ";\n            then ");
    let mut text = format!("\nAn example: {what}\n{}", calls(trace));
    for anomaly in &run.anomalies {
        let _ = writeln!(text, "       {} {}", anomaly.kind, anomaly.what);
    }
    text
}

/// The story of the first thing that is wrong.
pub(crate) fn story(violation: &Violation, plain: &[Entry], again: &Again, page: &str) -> String {
    let Violation {
        data,
        plan,
        anomaly,
        aftermath,
    } = violation;
    let trace = &aftermath.trace;
    let mut text = format!("{:<11} {}\n", anomaly.kind.to_string(), anomaly.what);
    let when = match (*data, plan.is_empty()) {
        (Data::Usual, _) => when(plan, trace, plain),
        (_, true) => "with other data than usual, and no fault at all".to_owned(),
        (_, false) => format!("with other data than usual, {}", when(plan, trace, &[])),
    };
    tell(&mut text, "when", &when);
    tell(&mut text, "why", why(violation, plain));
    if let (AnomalyKind::Stuck, Some(last)) = (anomaly.kind, trace.last())
        && let Outcome::Error(_) = last.outcome
    {
        let mut what = format!("call {}, {}", trace.len(), last.call());
        if !anomaly.what.ends_with(&last.fate()) {
            let _ = write!(what, ": {}", last.fate());
        }
        tell(&mut text, "last", &what);
    }
    // One that remembers an earlier run needs that run before it.
    let command = match trace.is_empty() {
        true => again.command(Data::Usual, &[]),
        false => again.command(*data, plan),
    };
    tell(&mut text, "again", &command);
    tell(&mut text, "read", page);
    if !trace.is_empty() {
        text.push_str("\nThe calls of that run\n");
        text.push_str(&calls(trace));
    }
    text
}

/// What repeats one run.
pub(crate) struct Again<'a> {
    /// The exercise.
    pub(crate) slug: &'a str,
    /// The check, where the exercise has several.
    pub(crate) only: Option<&'a str>,
}

impl Again<'_> {
    fn command(&self, data: Data, plan: &[Strike]) -> String {
        let mut command = format!("cargo course check {}", self.slug);
        if data == Data::Usual && plan.is_empty() {
            return command;
        }
        if let Some(check) = self.only {
            let _ = write!(command, " --only {check}");
        }
        if data != Data::Usual {
            let _ = write!(command, " --data {data}");
        }
        if !plan.is_empty() {
            let plan: Vec<_> = plan.iter().map(Strike::to_string).collect();
            let _ = write!(command, " --fault {}", plan.join("+"));
        }
        command
    }
}

fn when(plan: &[Strike], trace: &[Entry], plain: &[Entry]) -> String {
    match plan.first().map(|strike| strike.fault) {
        None => return "with no fault at all".to_owned(),
        Some(Fault::Redelivered) => {
            return "a new worker started after the end, a minute later".to_owned();
        }
        Some(Fault::TwoWorkers) => return "two workers ran at the same time".to_owned(),
        Some(_) => {}
    }
    let mut parts = Vec::new();
    let mut denied = false;
    for (index, entry) in trace.iter().enumerate() {
        let Some(fault) = entry.struck else { continue };
        let is_whole_call = matches!(
            fault,
            Fault::ThrottledOut | Fault::NoAnswer | Fault::ServerError
        );
        if is_whole_call && entry.attempt > 1 || fault == Fault::Denied && denied {
            continue;
        }
        denied |= fault == Fault::Denied;
        let this = format!("call {}, {}", index + 1, entry.call());
        // What would have come next is known as long as the run went as the one without faults.
        let followed = trace[..=index]
            .iter()
            .zip(plain)
            .all(|(a, b)| a.call() == b.call());
        let next = plain.get(index + 1).filter(|_| followed);
        let before_next = next.map(|next| format!(", before call {}, {}", index + 2, next.call()));
        parts.push(match fault {
            Fault::CrashBefore => format!("the worker crashed before {this}"),
            Fault::CrashAfter => {
                format!("the worker crashed after {this}{}", before_next.unwrap_or_default())
            }
            Fault::NoAnswer => format!("{this}, was lost on the way, each time that the SDK sent it"),
            Fault::ServerError => format!("{this}, met a failure of AWS until the SDK gave up"),
            Fault::LostResponse => format!("the response to {this}, was lost"),
            Fault::Throttled => format!("{this}, was throttled once"),
            Fault::ThrottledOut => format!("{this}, was throttled until the SDK gave up"),
            Fault::ThrottledInside => format!("an action of {this}, was throttled"),
            Fault::Denied => format!("{this}, was refused, and so was every later one"),
            Fault::Conflict => format!("{this}, met another transaction"),
            Fault::TokenExpired => {
                format!("the worker crashed after {this}, and came back when its request token had expired")
            }
            Fault::StaleRead => format!("{this}, returned what was there before the last write"),
            Fault::EmptyPage => format!("{this}, returned no records although more were to come"),
            Fault::ExpiredIterator => format!("the iterator of {this}, had expired"),
            Fault::PartialPut => format!("{this}, took only some of the records"),
            Fault::Unprocessed => format!("{this}, did only a part, and handed back the rest"),
            Fault::Zombie => {
                format!("the worker stalled before {this}; its replacement ran to the end; then the worker went on")
            }
            Fault::Redelivered | Fault::TwoWorkers => continue,
        });
    }
    parts.join("; then ")
}

/// A table of attempts: number, life, call, fate. Workers that do the same as the one before them have one line.
pub(crate) fn calls(trace: &[Entry]) -> String {
    const MOST: usize = 60;
    let mut text = String::new();
    let widest = trace
        .iter()
        .take(MOST)
        .map(|entry| entry.call().len())
        .max()
        .unwrap_or(0);
    let (mut index, mut told, mut life) = (0, 0, 1);
    while index < trace.len() && told < MOST {
        let entry = &trace[index];
        if entry.life != life {
            life = entry.life;
            let same = same_again(trace, index);
            if let Some(last) = same.last() {
                index += same.len();
                let workers = match last.life {
                    last if last == life => format!("worker {life}"),
                    last => format!("workers {life} to {last}"),
                };
                let _ = writeln!(text, "       {workers}: the same, up to call {index}");
                continue;
            }
            let _ = writeln!(text, "       worker {life}");
        }
        let _ = writeln!(
            text,
            "  {:>3}  {:<widest$}  {}",
            index + 1,
            entry.call(),
            entry.fate()
        );
        index += 1;
        told += 1;
    }
    if index < trace.len() {
        let _ = writeln!(text, "       and {} more", trace.len() - index);
    }
    text
}

/// From `at` on, where a worker begins, the calls of those that do exactly the same as the one before them.
fn same_again(trace: &[Entry], at: usize) -> &[Entry] {
    // Of workers side by side it matters who was first.
    if !trace.is_sorted_by_key(|entry| entry.life) {
        return &[];
    }
    let by_life = |a: &Entry, b: &Entry| a.life == b.life;
    let told = |worker: &[Entry]| -> Vec<_> {
        let calls = worker.iter();
        calls.map(|entry| (entry.call(), entry.fate())).collect()
    };
    let Some(before) = trace[..at].chunk_by(by_life).next_back() else {
        return &[];
    };
    let workers = trace[at..].chunk_by(by_life).zip(before[0].life + 1..);
    let same = workers
        .take_while(|(worker, life)| worker[0].life == *life && told(worker) == told(before))
        .map(|(worker, _)| worker.len())
        .sum::<usize>();
    &trace[at..at + same]
}

/// A line of a table: a label, and what is said of it.
pub(crate) fn line(text: &mut String, label: &str, value: &str) {
    let gap = if label.len() < WIDTH { "" } else { " " };
    let _ = writeln!(
        text,
        "{}",
        format!("{label:<WIDTH$}{gap}{value}").trim_end()
    );
}

/// A line of a story, below its first.
pub(crate) fn tell(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<9} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(life: u32, key: &str, outcome: Outcome) -> Entry {
        Entry {
            life,
            operation: "PutItem".to_owned(),
            resources: vec!["marks".to_owned()],
            keys: vec![vec![key.to_owned()]],
            attempt: 1,
            max_attempts: 3,
            may_be_stale: false,
            may_be_in_part: false,
            struck: None,
            outcome,
        }
    }

    #[test]
    fn workers_that_do_the_same_have_one_line() {
        let life = |life, key| {
            let refused = Outcome::Error("ValidationException".to_owned());
            [call(life, "a", Outcome::Ok), call(life, key, refused)]
        };
        let keys = ["b", "c", "c", "c", "b", "b"];
        let lives: Vec<_> = (1..).zip(keys).flat_map(|(n, key)| life(n, key)).collect();
        assert_eq!(
            calls(&lives),
            "    1  PutItem marks a  ok
    2  PutItem marks b  ValidationException
       worker 2
    3  PutItem marks a  ok
    4  PutItem marks c  ValidationException
       workers 3 to 4: the same, up to call 8
       worker 5
    9  PutItem marks a  ok
   10  PutItem marks b  ValidationException
       worker 6: the same, up to call 12
"
        );
    }

    #[test]
    fn of_workers_side_by_side_each_call_is_told() {
        let lives = [1, 2, 1, 2].map(|life| call(life, "a", Outcome::Ok));
        assert_eq!(
            calls(&lives),
            "    1  PutItem marks a  ok
       worker 2
    2  PutItem marks a  ok
       worker 1
    3  PutItem marks a  ok
       worker 2
    4  PutItem marks a  ok
"
        );
    }

    #[test]
    fn the_command_that_repeats_a_run_names_its_data_and_its_faults() {
        let plan = ["crash-after:3", "throttled:1"].map(|strike| strike.parse().expect("a strike"));
        let again = |only, data, plan: &[Strike]| {
            let slug = "commit-order";
            Again { slug, only }.command(data, plan)
        };
        assert_eq!(
            again(None, Data::Usual, &[]),
            "cargo course check commit-order"
        );
        assert_eq!(
            again(None, Data::Other(2), &[]),
            "cargo course check commit-order --data 2"
        );
        assert_eq!(
            again(Some("at_most_once"), Data::Race, &plan),
            "cargo course check commit-order --only at_most_once --data race --fault crash-after:3+throttled:1"
        );
    }
}
