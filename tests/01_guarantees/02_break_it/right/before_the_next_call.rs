//! Each crash before the call that would have closed the gap, not after the one that opened it.

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

pub fn repeat_with_check_then_act() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::CrashBefore,
        call: 4,
    }]
}

pub fn lose_with_mark_first() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::CrashBefore,
        call: 2,
    }]
}

pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::LostResponse,
        call: 3,
    }]
}

pub fn lose_two_with_mark_first() -> Vec<Strike> {
    vec![
        Strike {
            fault: Fault::CrashBefore,
            call: 2,
        },
        Strike {
            fault: Fault::CrashBefore,
            call: 3,
        },
    ]
}
