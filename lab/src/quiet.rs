//! Panics of code under test, kept for the verdict.

use std::cell::{Cell, RefCell};
use std::sync::Once;

thread_local! {
    static IN_LIFE: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// While it lives, a panic on this thread is kept for the verdict and not printed: hundreds of runs may panic alike.
pub(crate) struct QuietPanics;

impl QuietPanics {
    pub(crate) fn on() -> Self {
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

    /// The message of the last panic, and where it was.
    pub(crate) fn last(&self) -> String {
        LAST_PANIC.take()
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        IN_LIFE.set(false);
    }
}
