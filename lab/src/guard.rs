//! The one wall clock of the lab: it ends code that computes for ever and calls nobody.
//!
//! Everything else that never ends is found by counting attempts and by virtual time. A loop without a call
//! can only be ended together with its process. No verdict on a right answer depends on this guard.

use crate::locked::locked;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// Seconds without a call after which code under test is taken for an endless loop.
const DEFAULT_SECONDS: u64 = 30;

static WATCHED: LazyLock<Mutex<HashMap<ThreadId, Instant>>> = LazyLock::new(|| {
    let limit = std::env::var("LAB_GUARD_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    let limit = Duration::from_secs(limit.unwrap_or(DEFAULT_SECONDS));
    std::thread::spawn(move || watch(limit));
    Mutex::default()
});

/// The function that is on trial. Checks run one at a time.
static ON_TRIAL: Mutex<&str> = Mutex::new("work");

/// Whoever makes no call from now on is `function`.
pub(crate) fn tries(function: &'static str) {
    *name() = function;
}

fn name() -> std::sync::MutexGuard<'static, &'static str> {
    locked(&ON_TRIAL)
}

/// While it lives, this thread runs code under test.
pub(crate) struct Guarded(());

/// Starts to watch this thread.
pub(crate) fn guard() -> Guarded {
    progress();
    Guarded(())
}

/// Code under test on this thread has made a call.
pub(crate) fn progress() {
    lock().insert(std::thread::current().id(), Instant::now());
}

impl Drop for Guarded {
    fn drop(&mut self) {
        lock().remove(&std::thread::current().id());
    }
}

fn lock() -> std::sync::MutexGuard<'static, HashMap<ThreadId, Instant>> {
    locked(&WATCHED)
}

fn watch(limit: Duration) {
    loop {
        std::thread::sleep(limit / 10);
        if lock().values().any(|since| since.elapsed() > limit) {
            // Not `eprintln!`: the test harness would keep that to itself, and is about to end.
            let _ = writeln!(
                std::io::stderr(),
                "\nSTUCK       `{}` has made no call and has not returned for {} seconds\n  \
                 why       a loop that never ends, or a blocking wait such as std::thread::sleep\n  \
                 next      make sure that each loop ends, and that whatever waits is awaited\n",
                name(),
                limit.as_secs()
            );
            std::process::exit(101);
        }
    }
}
