//! Prints how long one run takes, as a check has them: the median of ten rows of runs.

use aws_sdk_dynamodb::types::AttributeValue;
use lab::backend::{BackendError, Kind};
use lab::{Aws, Fault, Scenario, Setting};
use std::time::{Duration, Instant};

/// How many calls the worker makes.
const CALLS: u32 = 8;

const ROWS: usize = 10;

/// Writes eight items. A successor writes them all again.
async fn work(aws: Aws) -> Result<(), aws_sdk_dynamodb::Error> {
    for mark in 0..CALLS {
        let put = aws.dynamodb.put_item().table_name(aws.name("marks"));
        put.item("mark", AttributeValue::S(mark.to_string()))
            .item("life", AttributeValue::N(aws.life.to_string()))
            .send()
            .await?;
    }
    Ok(())
}

/// Crashes the worker before each of its calls, and after each.
fn row(scenario: &Scenario) -> Result<Duration, BackendError> {
    // What the runs of a check share, these share as well, and nothing more.
    let setting = Setting::new(Kind::Embedded, scenario);
    let start = Instant::now();
    for at in 1..=CALLS {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            setting.run(&[fault.at(at)])?;
        }
    }
    Ok(start.elapsed())
}

fn main() -> Result<(), BackendError> {
    let scenario = Scenario::new(work).table("marks", "mark", Vec::new());
    // The first row reads much from the disk.
    row(&scenario)?;
    let mut rows = (0..ROWS)
        .map(|_| row(&scenario))
        .collect::<Result<Vec<_>, _>>()?;
    rows.sort();
    let one = rows[ROWS / 2] / (2 * CALLS);
    let label = "one run of eight writes, crashed";
    println!("{label:<34}{:>9.1} ms", one.as_secs_f64() * 1_000.0);
    Ok(())
}
