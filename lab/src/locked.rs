//! What several threads share, one at a time.

use std::sync::{Mutex, MutexGuard};

/// What `mutex` guards, for as long as the result lives. Nobody in the lab panics meanwhile, so no lock is ever poisoned.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .expect("nothing panics while it holds this lock")
}
