//! What happens on Ctrl-C: what the process has made in somebody else's account is deleted before it ends.
//!
//! A stream that is left behind costs money each hour.

use super::{Backend, Kind, Names, on_lab};
use crate::locked::locked;
use crate::request::{Request, Service};
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, Once};
use std::time::Duration;

/// What a shell expects of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// How long a request that was under way may take to arrive.
const IN_FLIGHT: Duration = Duration::from_secs(2);

/// What there is to delete.
struct Made {
    /// Each by its full name.
    resources: BTreeSet<(Service, String)>,
    /// From now on nothing is made any more.
    is_interrupted: bool,
}

static MADE: Mutex<Made> = Mutex::new(Made {
    resources: BTreeSet::new(),
    is_interrupted: false,
});

fn made() -> MutexGuard<'static, Made> {
    locked(&MADE)
}

/// A stream or table is about to be made on a backend that outlives this process.
pub(crate) fn is_made(kind: Kind, service: Service, name: &str) {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        std::thread::spawn(move || {
            if on_lab(wait(kind)) {
                std::process::exit(INTERRUPTED);
            }
        });
    });
    made().resources.insert((service, name.to_owned()));
}

/// Stops for ever whoever comes here after Ctrl-C: nothing is to be done any more.
pub(crate) async fn stop() {
    if made().is_interrupted {
        std::future::pending().await
    }
}

/// A stream or table has gone.
pub(crate) fn is_gone(service: Service, name: &str) {
    made().resources.remove(&(service, name.to_owned()));
}

/// Waits for Ctrl-C, and deletes what there is. Whether it came: where nobody can wait for it, it ends the process as it
/// always did.
async fn wait(kind: Kind) -> bool {
    if tokio::signal::ctrl_c().await.is_err() {
        return false;
    }
    let resources = {
        let mut made = made();
        made.is_interrupted = true;
        made.resources.clone()
    };
    say(&format!(
        "\nInterrupted: deleting {} streams and tables on the {} backend. A second Ctrl-C leaves them.",
        resources.len(),
        kind.name()
    ));
    tokio::select! {
        () = delete(kind, &resources) => {}
        _ = tokio::signal::ctrl_c() => say("Left as they are."),
    }
    true
}

async fn delete(kind: Kind, resources: &BTreeSet<(Service, String)>) {
    let backend = match Backend::open(kind, Names::Shared).await {
        Ok(backend) => backend,
        Err(error) => return say(&error.to_string()),
    };
    let mut left = Vec::from_iter(resources);
    // What was about to be made when Ctrl-C came may be there only now.
    for last in [false, true] {
        let mut missing = Vec::new();
        for resource in std::mem::take(&mut left) {
            let (service, name) = resource;
            match backend.answer(&Request::deletion(*service, name)).await {
                Ok(response) if response.is_ok() => say(&format!("deleted {name}")),
                Ok(response) if response.error_code() == Some("ResourceNotFoundException") => {
                    missing.push(resource);
                }
                Ok(response) => say(&format!(
                    "NOT deleted: {name} ({})",
                    response.error_message()
                )),
                Err(error) => say(&format!("NOT deleted: {name} ({error})")),
            }
        }
        if missing.is_empty() || last {
            return;
        }
        tokio::time::sleep(IN_FLIGHT).await;
        left = missing;
    }
}

/// Not `eprintln!`: in a test its harness would keep that to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
