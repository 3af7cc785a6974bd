//! Panics of code under test, kept for the verdict.

use crate::guard;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static IN_LIFE: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs code under test on this thread, watched: what it returns, or the message of its panic, and where that was.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let _guarded = guard::guard();
    let _quiet = QuietPanics::on();
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| LAST_PANIC.take())
}

/// While it lives, a panic on this thread is kept for the verdict and not printed: hundreds of runs may panic alike.
struct QuietPanics;

impl QuietPanics {
    fn on() -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                if !IN_LIFE.get() {
                    return usual(info);
                }
                let message = info.payload_as_str().unwrap_or("a panic without a message");
                let place = info
                    .location()
                    .map(|place| format!(" ({}:{})", place.file(), place.line()));
                LAST_PANIC.replace(format!("{message}{}", place.unwrap_or_default()));
            }));
        });
        IN_LIFE.set(true);
        QuietPanics
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        IN_LIFE.set(false);
    }
}
