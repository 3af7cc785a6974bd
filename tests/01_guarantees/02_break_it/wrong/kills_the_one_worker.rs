//! expect: FORBIDDEN
//!
//! It was to be one worker from the first delivery to the last.

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

pub fn repeat_with_check_then_act() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::CrashAfter,
        call: 3,
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
        fault: Fault::CrashAfter,
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
