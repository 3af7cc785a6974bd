//! Lives: what happens to code under test when it dies, waits, panics, or does several things at once.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::StreamExt;
use lab::backend::Kind;
use lab::{AnomalyKind, Aws, Fault, Outcome, Run, Scenario, Strike, run};
use std::time::Duration;

type Error = Box<dyn std::error::Error + Send + Sync>;

const TABLE: &str = "marks";

fn scenario<F>(work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Scenario
where
    F: Future<Output = Result<(), Error>> + 'static,
{
    Scenario::new(work).table(TABLE, "mark", Vec::new())
}

fn once<F>(plan: &[Strike], work: impl Fn(Aws) -> F + Send + Sync + 'static) -> Run
where
    F: Future<Output = Result<(), Error>> + 'static,
{
    run(Kind::Embedded, &scenario(work), plan).expect("the embedded backend runs everywhere")
}

fn at(fault: Fault, at: u32) -> [Strike; 1] {
    [fault.at(at)]
}

async fn mark(aws: &Aws, mark: &str) -> Result<(), Error> {
    aws.dynamodb
        .put_item()
        .table_name(aws.name(TABLE))
        .item("mark", AttributeValue::S(mark.to_owned()))
        .send()
        .await?;
    Ok(())
}

fn marks(run: &Run) -> Vec<String> {
    let text = |item| {
        lab::Aftermath::text(item, "mark")
            .unwrap_or_default()
            .to_owned()
    };
    run.aftermath.items(TABLE).iter().map(text).collect()
}

fn stuck(run: &Run) -> &str {
    match run.anomalies.as_slice() {
        [anomaly] if anomaly.kind == AnomalyKind::Stuck => &anomaly.what,
        other => panic!("expected one STUCK, got {other:?}"),
    }
}

#[test]
fn of_two_calls_at_once_the_first_is_applied_when_the_worker_dies_before_the_second() {
    for _ in 0..100 {
        let run = once(&at(Fault::CrashBefore, 2), |aws| async move {
            if aws.life > 1 {
                return Ok(());
            }
            let (first, second) = tokio::join!(mark(&aws, "a"), mark(&aws, "b"));
            first.and(second)
        });
        assert_eq!(marks(&run), ["a"]);
        assert_eq!(run.aftermath.trace[1].outcome, Outcome::NeverSent);
    }
}

#[test]
fn calls_at_once_take_turns() {
    let run = once(&[], |aws| async move {
        let twice = |name: &'static str| {
            let aws = &aws;
            async move {
                mark(aws, &format!("{name}1")).await?;
                aws.note(name);
                mark(aws, &format!("{name}2")).await?;
                aws.note(name);
                Ok::<_, Error>(())
            }
        };
        let (first, second) = tokio::join!(twice("a"), twice("b"));
        first.and(second)
    });
    let order: Vec<_> = run
        .aftermath
        .notes
        .iter()
        .map(|(_, note)| note.as_str())
        .collect();
    assert_eq!(order, ["a", "b", "a", "b"]);
}

/// `buffer_unordered` polls its futures only while somebody asks for the next result. AWS answers all the same.
#[test]
fn a_call_that_nobody_polls_keeps_no_other_call_waiting() {
    let run = once(&[], |aws| async move {
        let calls = futures_util::stream::iter(["a", "b", "c", "d"]);
        let mut done = calls
            .map(|name| {
                let aws = &aws;
                async move { mark(aws, name).await.map(|()| name) }
            })
            .buffer_unordered(3);
        while let Some(name) = done.next().await {
            // Meanwhile the others are on their way, and stand still.
            mark(&aws, &format!("{}, done", name?)).await?;
        }
        Ok(())
    });
    assert!(run.anomalies.is_empty(), "{:?}", run.anomalies);
    assert_eq!(marks(&run).len(), 8);
}

#[test]
fn a_worker_that_gives_up_waiting_dies_all_the_same() {
    let run = once(&at(Fault::CrashAfter, 1), |aws| async move {
        tokio::select! {
            biased;
            result = mark(&aws, "a") => result,
            () = std::future::ready(()) => mark(&aws, "b").await,
        }
    });
    assert_eq!(marks(&run), ["a", "b"]);
    assert_eq!(run.aftermath.trace[1].life, 2);
}

#[test]
fn a_task_of_its_own_dies_with_its_worker() {
    let run = once(&[], |aws| async move {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            mark(&aws, "late").await
        });
        Ok(())
    });
    assert!(run.aftermath.ended);
    assert!(marks(&run).is_empty());
}

#[test]
fn a_crash_in_a_task_of_its_own_kills_the_worker() {
    let run = once(&at(Fault::CrashAfter, 1), |aws| async move {
        let life = aws.life;
        tokio::spawn(async move { mark(&aws, &format!("life {life}")).await }).await??;
        Ok(())
    });
    assert_eq!(marks(&run), ["life 1", "life 2"]);
}

#[test]
fn an_hour_of_sleep_takes_no_time_and_no_call_times_out() {
    let run = once(&[], |aws| async move {
        for i in 0..50 {
            let name = format!("{i}");
            tokio::time::timeout(Duration::from_millis(1), mark(&aws, &name)).await??;
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        Ok(())
    });
    assert_eq!(marks(&run).len(), 50);
    assert!(run.anomalies.is_empty());
}

#[test]
fn the_pauses_of_the_sdk_are_the_same_in_every_run() {
    let elapsed = || {
        let run = once(&at(Fault::ThrottledOut, 1), |aws| async move {
            let start = tokio::time::Instant::now();
            let _ = mark(&aws, "a").await;
            aws.note(format!("{:?}", start.elapsed()));
            Ok(())
        });
        run.aftermath.notes[0].1.clone()
    };
    let first = elapsed();
    assert_eq!(first, elapsed());
}

#[test]
fn a_worker_that_waits_for_nothing_is_stuck() {
    let run = once(&[], |_| async move { std::future::pending().await });
    assert_eq!(
        stuck(&run),
        "the worker waits for something that never comes"
    );
}

#[test]
fn a_worker_that_calls_for_ever_is_stuck() {
    let run = once(&[], |aws| async move {
        loop {
            mark(&aws, "again").await?;
        }
    });
    assert_eq!(stuck(&run), "the worker made 800 attempts and was not done");
}

#[test]
fn a_worker_that_always_fails_is_stuck_with_its_last_error() {
    let run = once(&[], |aws| async move {
        Err(format!("life {} is hard", aws.life).into())
    });
    assert_eq!(
        stuck(&run),
        "the worker ended with an error in each of 8 lives: life 8 is hard"
    );
}

#[test]
fn a_worker_that_aws_refuses_is_stuck_with_what_aws_has_said() {
    let run = once(&[], |aws| async move { mark(&aws, "").await });
    let what = stuck(&run);
    assert!(
        what.contains("in each of 8 lives: service error: ValidationException: ")
            && what.ends_with("mark"),
        "{what}"
    );
}

#[test]
fn a_panic_is_a_verdict_with_its_message_and_its_place() {
    let run = once(&[], |_| async move { panic!("no balance for alice") });
    let panic = run.panic.as_deref().expect("the panic is kept");
    assert!(
        panic.starts_with("no balance for alice (") && panic.contains("lives.rs:"),
        "{panic}"
    );
    assert!(stuck(&run).starts_with("the worker panicked: no balance for alice"));
}

#[test]
fn a_fault_without_an_occasion_does_not_count_as_fired() {
    let run = once(&at(Fault::CrashBefore, 9), |aws| async move {
        mark(&aws, "a").await
    });
    assert!(!run.fired);
}

#[test]
fn a_zombie_goes_on_after_its_replacement_has_ended() {
    let run = once(&at(Fault::Zombie, 2), |aws| async move {
        mark(&aws, "a").await?;
        mark(&aws, "b").await?;
        aws.note("done");
        Ok(())
    });
    assert_eq!(
        run.aftermath.notes,
        [(2, "done".to_owned()), (1, "done".to_owned())]
    );
}

#[test]
fn a_stale_read_shows_the_item_before_its_last_write() {
    let read_back = |consistent: bool| {
        let run = once(&at(Fault::StaleRead, 1), move |aws| async move {
            mark(&aws, "a").await?;
            let read = aws.dynamodb.get_item().table_name(aws.name(TABLE));
            let read = read
                .key("mark", AttributeValue::S("a".to_owned()))
                .consistent_read(consistent);
            aws.note(format!("{}", read.send().await?.item.is_some()));
            Ok(())
        });
        (run.fired, run.aftermath.notes[0].1.clone())
    };
    assert_eq!(read_back(false), (true, "false".to_owned()));
    assert_eq!(read_back(true), (false, "true".to_owned()));
}

#[test]
fn a_run_that_crashed_is_started_again_after_its_end_where_the_plan_says_both() {
    let plan = [Fault::CrashAfter.at(1), Fault::Redelivered.at(1)];
    let run = once(&plan, |aws| async move {
        mark(&aws, &format!("{}", aws.life)).await?;
        aws.note("done");
        Ok(())
    });
    assert!(run.fired);
    assert_eq!(
        run.aftermath.notes,
        [(2, "done".to_owned()), (3, "done".to_owned())]
    );
}

#[test]
fn the_order_of_two_workers_is_the_seeds() {
    let order = |seed| {
        let run = once(&at(Fault::TwoWorkers, seed), |aws| async move {
            for i in 0..4 {
                mark(&aws, &format!("{i}")).await?;
                aws.note("turn");
            }
            Ok(())
        });
        run.aftermath
            .notes
            .iter()
            .map(|(life, _)| *life)
            .collect::<Vec<_>>()
    };
    let orders: Vec<_> = (1..=6).map(order).collect();
    assert_eq!(orders, (1..=6).map(order).collect::<Vec<_>>());
    assert!(
        orders.windows(2).any(|pair| pair[0] != pair[1]),
        "{orders:?}"
    );
}

/// The guard ends the whole process, so this runs in one of its own: the test calls itself.
#[test]
fn a_loop_without_a_call_is_ended_by_the_guard_in_one_report() {
    const INSIDE: &str = "LAB_TEST_ENDLESS_LOOP";
    if std::env::var_os(INSIDE).is_some() {
        once(&[], |_| async move {
            #[expect(clippy::empty_loop, reason = "this is what is tested")]
            loop {}
        });
    }
    let this = std::env::current_exe().expect("a test knows its own file");
    let child = std::process::Command::new(this)
        .args([
            "a_loop_without_a_call_is_ended_by_the_guard_in_one_report",
            "--exact",
        ])
        .env(INSIDE, "1")
        .env("LAB_GUARD_SECONDS", "1")
        .output()
        .expect("the test runs");
    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.code(), Some(101), "{said}");
    assert!(
        said.contains("STUCK       `work` has made no call and has not returned for 1 seconds"),
        "{said}"
    );
}
