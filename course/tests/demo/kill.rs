//! The demo's workers, as the lab plays them: what a fault does to a process of its own.

use lab::backend::Kind;
use lab::{Act, Aftermath, Entry, Fate, Fault, Ledger, Outcome, Scene, Stage, Strike};
use std::process::Command;

const FIRST: u32 = 1;

/// The demo's stream and tables, in a world of their own.
struct Demo(Stage);

impl Demo {
    fn open() -> Self {
        let kind = Kind::from_env().expect("LAB_BACKEND names a backend");
        let stage = Stage::open(kind, false).expect("the backend can be used");
        let ledger = Ledger::five_payments();
        stage
            .with(async |world| {
                world.create_stream("payment-events", 1).await?;
                world.create_table("account-balances", "accountId").await?;
                world.create_table("processed-events", "eventId").await?;
                world
                    .put_items("account-balances", &ledger.opening_items())
                    .await?;
                world.put_records("payment-events", &ledger.records()).await
            })
            .expect("the backend creates a stream and two tables");
        Demo(stage)
    }

    fn play<'a>(&self, processor: &str, direct: impl FnOnce(Scene<'a>) -> Scene<'a>) -> Act {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(["demo", "worker", processor]);
        command.env(
            "COURSE_DEMO_PREFIX",
            self.0.with(async |world| world.name("")),
        );
        self.0
            .play(direct(Scene::new(command)))
            .expect("the worker starts")
    }

    fn balances(&self) -> String {
        let items = self
            .0
            .with(async |world| world.items("account-balances").await);
        let tables = [(
            "account-balances".to_owned(),
            items.expect("the backend answers"),
        )];
        Ledger::five_payments().balances_in(&Aftermath {
            tables: tables.into(),
            ..Aftermath::default()
        })
    }

    fn remembered(&self) -> usize {
        let items = self
            .0
            .with(async |world| world.items("processed-events").await);
        items.expect("the backend answers").len()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.with(async |world| world.close().await);
    }
}

fn strike(fault: Fault) -> Strike {
    fault.at(FIRST)
}

fn calls<'a>(act: &'a Act, operation: &str) -> Vec<&'a Entry> {
    act.trace
        .iter()
        .filter(|entry| entry.operation == operation)
        .collect()
}

#[test]
fn a_crash_kills_the_process_before_its_call_arrives() {
    let demo = Demo::open();
    let act = demo.play("check-then-act", |scene| {
        scene
            .struck_by(&[strike(Fault::CrashBefore)])
            .only_at("PutItem", "processed-events")
    });
    let Fate::Crashed(status) = act.fate else {
        panic!("it was not killed: {:?}", act.fate)
    };
    assert!(!status.success());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(9)
    );
    assert_eq!(act.printed, "", "it never came to say so");
    assert_eq!(
        act.trace.last().map(|entry| &entry.outcome),
        Some(&Outcome::NeverSent)
    );
    assert_eq!(
        (demo.balances().as_str(), demo.remembered()),
        ("alice 150.00, bob 200.00", 0)
    );
}

#[test]
fn a_crash_after_a_call_leaves_what_the_call_did() {
    let demo = Demo::open();
    let act = demo.play("idempotent", |scene| {
        scene
            .struck_by(&[strike(Fault::CrashAfter)])
            .only_at("TransactWriteItems", "processed-events")
    });
    assert!(matches!(act.fate, Fate::Crashed(_)), "{:?}", act.fate);
    assert_eq!(
        (demo.balances().as_str(), demo.remembered()),
        ("alice 150.00, bob 200.00", 1)
    );
}

#[test]
fn a_lost_response_breaks_the_connection_and_the_sdk_sends_the_call_again() {
    let demo = Demo::open();
    let act = demo.play("idempotent", |scene| {
        scene
            .struck_by(&[strike(Fault::LostResponse)])
            .only_at("TransactWriteItems", "processed-events")
    });
    assert!(
        matches!(act.fate, Fate::Ended(status) if status.success()),
        "{:?}",
        act.fate
    );
    let [lost, again, ..] = calls(&act, "TransactWriteItems")[..] else {
        panic!("no second attempt")
    };
    assert_eq!((lost.attempt, &lost.outcome), (1, &Outcome::Lost));
    assert_eq!((again.attempt, &again.outcome), (2, &Outcome::Ok));
    assert_eq!(
        (demo.balances().as_str(), demo.remembered()),
        ("alice 130.00, bob 220.00", 4)
    );
}

#[test]
fn an_error_of_aws_reaches_the_process_as_such() {
    let demo = Demo::open();
    let act = demo.play("idempotent", |scene| {
        scene
            .struck_by(&[strike(Fault::Throttled)])
            .only_at("TransactWriteItems", "processed-events")
    });
    assert!(
        matches!(act.fate, Fate::Ended(status) if status.success()),
        "{:?}",
        act.fate
    );
    assert_eq!(calls(&act, "TransactWriteItems")[1].attempt, 2);
    assert_eq!(demo.balances(), "alice 130.00, bob 220.00");
}

#[test]
fn too_many_attempts_end_a_process_and_are_no_crash() {
    let demo = Demo::open();
    let act = demo.play("naive", |scene| scene.attempts_at_most(5));
    assert!(matches!(act.fate, Fate::Runaway(_)), "{:?}", act.fate);
    // Three to find the stream's records, two for the first of them.
    assert_eq!(act.printed, "evt_1 applied\n");
}

#[test]
fn what_a_process_prints_is_heard_line_by_line() {
    let demo = Demo::open();
    let mut heard = Vec::new();
    let act = demo.play("idempotent", |scene| {
        scene.heard_by(|line| heard.push(line.to_owned()))
    });
    assert_eq!(heard, act.printed.lines().collect::<Vec<_>>());
    assert_eq!(heard.len(), 5);
    assert_eq!(heard[3], "evt_2 duplicate");
}

#[test]
fn a_fault_that_needs_two_workers_is_refused() {
    let demo = Demo::open();
    for fault in [Fault::Zombie, Fault::TwoWorkers, Fault::Redelivered] {
        let scene = Scene::new(Command::new("never-started")).struck_by(&[strike(fault)]);
        let error = demo.0.play(scene).expect_err("a scene has one process");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}
