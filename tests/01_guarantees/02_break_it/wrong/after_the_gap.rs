//! expect: SURVIVED
//!
//! The event is remembered already when the worker dies.

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

pub fn repeat_with_check_then_act() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::CrashAfter,
        call: 4,
    }]
}

pub fn lose_with_mark_first() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::CrashAfter,
        call: 1,
    }]
}

pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::LostResponse,
        call: 1,
    }]
}

pub fn lose_two_with_mark_first() -> Vec<Strike> {
    vec![
        Strike {
            fault: Fault::CrashAfter,
            call: 1,
        },
        Strike {
            fault: Fault::CrashAfter,
            call: 2,
        },
    ]
}
