//! The demo, run as its user runs it. `LAB_BACKEND` says on which backend; the output is the same on each.

#[path = "demo/kill.rs"]
mod kill;

use std::process::{Command, Output, Stdio};

fn course(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_course"))
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .expect("the course's command starts")
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

fn in_one_process() -> bool {
    !matches!(
        std::env::var("LAB_BACKEND").as_deref(),
        Ok("localstack" | "aws")
    )
}

#[test]
fn the_demo_kills_two_workers_and_one_balance_survives() {
    let output = course(&["demo"], &[]);
    assert_eq!(said(&output.stderr), "");
    assert!(output.status.success());
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("demo", said(&output.stdout)));
}

#[test]
fn two_terminals_share_a_stream_unless_the_backend_lives_in_one_process() {
    if in_one_process() {
        let output = course(&["demo", "send"], &[]);
        assert!(!output.status.success());
        assert_eq!(
            said(&output.stderr),
            "The embedded backend lives inside one process, and its streams end with it: \
             two terminals need `--backend localstack` or `--backend aws`.\n"
        );
        return;
    }
    course(&["demo", "clean"], &[]);
    let early = course(&["demo", "process"], &[]);
    assert!(
        said(&early.stdout).contains("There is nothing on the stream yet"),
        "{}",
        said(&early.stderr)
    );
    course(&["demo", "clean"], &[]);
    // Both terminals at once: each creates what the other one has not.
    let other = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["demo", "process"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the course's command starts");
    let sent = course(&["demo", "send"], &[]);
    let other = other.wait_with_output().expect("the other terminal ends");
    let processed = course(&["demo", "process"], &[]);
    let again = course(&["demo", "process", "--processor", "naive"], &[]);
    let kept = course(&["demo", "--keep"], &[]);
    let cleaned = course(&["demo", "clean"], &[]);
    let kept_now = course(&["demo", "--keep"], &[]);
    let cleaned_now = course(&["demo", "clean"], &[]);
    assert_eq!(said(&other.stderr), "");
    assert!(
        !said(&other.stdout).contains("WRONG"),
        "{}",
        said(&other.stdout)
    );
    assert!(
        said(&sent.stdout).contains("evt_2  bob    deposit     30.00   the same event again"),
        "{}",
        said(&sent.stderr)
    );
    assert!(said(&processed.stdout).contains("alice 130.00, bob 220.00    right"));
    assert!(said(&again.stdout).contains("alice 160.00, bob 270.00    WRONG"));
    let stale = said(&kept.stderr);
    assert!(stale.contains(
        "is still there from an earlier demo: remove it with `cargo course demo clean --backend"
    ));
    assert_eq!(stale.lines().count(), 1, "{stale}");
    assert_eq!(said(&cleaned.stdout).lines().count(), 3);
    assert!(
        said(&kept_now.stdout).contains("Left as they are: "),
        "{}",
        said(&kept_now.stderr)
    );
    assert_eq!(said(&cleaned_now.stdout).lines().count(), 3);
}

#[test]
fn what_the_embedded_backend_cannot_keep_is_told_in_one_sentence() {
    let output = course(&["demo", "--keep", "--backend", "embedded"], &[]);
    assert!(!output.status.success());
    assert_eq!(
        said(&output.stderr),
        "The embedded backend ends with this process, and so do its stream and its tables: \
         `--keep` needs `--backend localstack` or `--backend aws`.\n"
    );
}

#[test]
fn an_unknown_backend_is_told_in_one_sentence() {
    let output = course(&["demo"], &[("LAB_BACKEND", "moon")]);
    assert!(!output.status.success());
    assert_eq!(
        said(&output.stderr),
        "LAB_BACKEND is `moon`, which is no backend: use `embedded` (the default), `localstack` or `aws`.\n"
    );
}

#[test]
fn an_endpoint_where_nobody_listens_is_told_in_one_sentence() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let endpoint = format!("http://{}", free.expect("loopback has a free port"));
    let output = course(
        &["demo", "--backend", "localstack"],
        &[("AWS_ENDPOINT_URL", &endpoint)],
    );
    assert!(!output.status.success());
    let said = said(&output.stderr);
    assert!(
        said.starts_with(&format!("Nothing answers at {endpoint} (")),
        "{said}"
    );
    assert!(said.contains("docker compose up --detach"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// Ctrl-C, as a terminal sends it.
#[cfg(unix)]
#[test]
fn an_interrupted_demo_leaves_nothing_where_others_would_pay_for_it() {
    use std::io::{BufRead, BufReader, Read};
    if in_one_process() {
        // Its streams end with the process.
        return;
    }
    let mut demo = Command::new(env!("CARGO_BIN_EXE_course"))
        .arg("demo")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the course's command starts");
    let mut stdout = BufReader::new(demo.stdout.take().expect("piped"));
    let mut told = String::new();
    while !told.contains("evt_1") && stdout.read_line(&mut told).expect("text") > 0 {}
    let interrupt = Command::new("kill")
        .args(["-INT", &demo.id().to_string()])
        .status();
    assert!(interrupt.expect("kill is there").success());
    let mut said = String::new();
    let mut stderr = demo.stderr.take().expect("piped");
    stderr.read_to_string(&mut said).expect("text");
    assert_eq!(demo.wait().expect("it ends").code(), Some(130), "{said}");
    assert!(
        said.contains("Interrupted: deleting 3 streams and tables"),
        "{said}"
    );
    for name in ["payment-events", "account-balances", "processed-events"] {
        let is_deleted = |line: &str| line.starts_with("deleted ") && line.ends_with(name);
        assert!(said.lines().any(is_deleted), "{name}: {said}");
    }
    assert!(!said.contains("NOT deleted"), "{said}");
}
