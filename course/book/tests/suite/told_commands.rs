//! Each command that the README and the book tell a reader to run, run: from the folder that they say, on a fresh clone.

use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What becomes of a command.
enum Fate {
    /// It succeeds, and says this.
    Says(&'static str),
    /// It is red, and says this: the exercise is not solved yet.
    IsRed(&'static str),
    /// It goes on until it is ended, and says this before.
    Serves(&'static str),
    /// What must hold before a change lands runs it: `.ci/run` has it as a line of its own.
    RunsInCi,
    /// It needs what this test must not use: an account, Docker, another system. Why.
    NotHere(&'static str),
}
use Fate::{IsRed, NotHere, RunsInCi, Says, Serves};

const ROOT: &str = "";
const EXERCISE: &str = "exercises/01_guarantees/01_commit_order";
const NEEDS_AN_ACCOUNT: &str = "it costs money, and needs an account";

/// The folder, the command, and what becomes of it.
const TOLD: &[(&str, &str, Fate)] = &[
    (ROOT, "cargo course demo", RunsInCi),
    (ROOT, "cargo test", RunsInCi),
    (EXERCISE, "cargo test", IsRed("is still todo!()")),
    (ROOT, "cd exercises/01_guarantees/01_commit_order", Says("")),
    (ROOT, "cargo course", IsRed("Usage: cargo course")),
    (
        ROOT,
        "cargo course book",
        Serves("The book is at http://127.0.0.1"),
    ),
    (ROOT, "cargo course list", Says("atomic-apply")),
    (EXERCISE, "cargo course hint", Says("?")),
    (
        ROOT,
        "cargo course check commit-order --only at_least_once --fault crash-after:5",
        IsRed("is still todo!()"),
    ),
    (
        ROOT,
        "cargo course snapshots",
        Says("No snapshot has changed"),
    ),
    (ROOT, "cargo course selfcheck", RunsInCi),
    (
        ROOT,
        "cargo course bench",
        Says("from an edit to the verdict"),
    ),
    (
        ROOT,
        "cargo run --package course --example lose_one_response",
        Says("attempt"),
    ),
    (
        ROOT,
        "LAB_BACKEND=localstack cargo test",
        NotHere("`.ci/run` does it where a LocalStack is"),
    ),
    (
        ROOT,
        "docker compose up --detach",
        NotHere("it needs Docker"),
    ),
    (ROOT, "xcode-select --install", NotHere("it is for macOS")),
    (
        ROOT,
        "LAB_BACKEND=aws LAB_AWS_MAY_COST_MONEY=yes cargo test --features lab/aws",
        NotHere(NEEDS_AN_ACCOUNT),
    ),
    (
        ROOT,
        "LAB_BACKEND=aws LAB_AWS_MAY_COST_MONEY=yes LAB_FAULT=crash-after:1 cargo test --features lab/aws",
        NotHere(NEEDS_AN_ACCOUNT),
    ),
    (
        ROOT,
        "LAB_AWS_MAY_COST_MONEY=yes cargo run --package course --features lab/aws -- demo clean --backend aws",
        NotHere(NEEDS_AN_ACCOUNT),
    ),
    (ROOT, "aws dynamodb list-tables", NotHere(NEEDS_AN_ACCOUNT)),
    (ROOT, "aws kinesis list-streams", NotHere(NEEDS_AN_ACCOUNT)),
    (
        ROOT,
        "aws dynamodb delete-table --table-name …",
        NotHere(NEEDS_AN_ACCOUNT),
    ),
    (
        ROOT,
        "aws kinesis delete-stream --stream-name …",
        NotHere(NEEDS_AN_ACCOUNT),
    ),
];

#[test]
fn each_command_that_the_text_tells_is_known() {
    let known: BTreeSet<&str> = TOLD.iter().map(|(_, command, _)| *command).collect();
    let told = told();
    let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert!(unknown.is_empty(), "nobody has tried {unknown:?}");
    let gone: Vec<_> = known.difference(&told).collect();
    assert!(gone.is_empty(), "no text tells {gone:?} any more");
}

#[test]
fn each_command_that_the_text_tells_does_what_it_should() {
    let ci = fs::read_to_string(root().join(".ci/run")).expect("there is a script");
    for (folder, command, fate) in TOLD {
        match fate {
            NotHere(reason) => assert!(!reason.is_empty()),
            RunsInCi => assert!(
                ci.lines().any(|line| line == *command),
                "`.ci/run` does not run `{command}`"
            ),
            Says(words) => expect(folder, command, true, words),
            IsRed(words) => expect(folder, command, false, words),
            Serves(words) => {
                let mut server = shell(folder, command)
                    .stdout(Stdio::piped())
                    .spawn()
                    .expect("a shell starts");
                let said = BufReader::new(server.stdout.take().expect("it is piped"));
                let found = said
                    .lines()
                    .map_while(Result::ok)
                    .any(|line| line.contains(words));
                // The shell has become the program, and `cargo run` too: there is one process to end.
                server.kill().expect("it can be ended");
                let _ = server.wait();
                assert!(found, "`{command}` does not say `{words}`");
            }
        }
    }
}

fn expect(folder: &str, command: &str, succeeds: bool, words: &str) {
    let output = shell(folder, command).output().expect("a shell starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() == succeeds && said.contains(words),
        "`{command}` in `{folder}` ends with {}, and says:\n{said}",
        output.status
    );
}

fn shell(folder: &str, command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.current_dir(root().join(folder));
    let exec = if command.starts_with("cargo") {
        "exec "
    } else {
        ""
    };
    shell.args(["-c", &format!("{exec}{command}")]);
    shell.stdin(Stdio::null());
    // What Cargo has set for this test must not reach the ones below.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            shell.env_remove(name);
        }
    }
    shell
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("this crate is two folders below").to_owned()
}

/// The lines of shell blocks, and the code within lines that begins with a program's name.
fn told() -> BTreeSet<String> {
    let block = Regex::new(r"(?ms)^```sh\n(.*?)^```").expect("it is a pattern");
    let span = Regex::new(
        r"`((?:LAB_\w+=\S+ )*(?:cargo|docker|aws|mdbook|xcode-select) [^`]+|cargo course)`",
    )
    .expect("it is a pattern");
    let mut told = BTreeSet::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page can be read");
        for block in block.captures_iter(&text) {
            told.extend(block[1].lines().map(str::to_owned));
        }
        for span in span.captures_iter(&text) {
            told.insert(span[1].split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    told
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut folders = vec![root().join("book")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry can be read").path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(kind) if kind == "md" => pages.push(path),
                _ => {}
            }
        }
    }
    pages
}
