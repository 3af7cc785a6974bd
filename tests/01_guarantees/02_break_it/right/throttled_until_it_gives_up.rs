//! No crash at all: a refusal that lasts ends the worker just as well.

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

pub fn repeat_with_check_then_act() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::ThrottledOut,
        call: 4,
    }]
}

pub fn lose_with_mark_first() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::ThrottledOut,
        call: 2,
    }]
}

pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::LostResponse,
        call: 2,
    }]
}

pub fn lose_two_with_mark_first() -> Vec<Strike> {
    vec![
        Strike {
            fault: Fault::ThrottledOut,
            call: 2,
        },
        Strike {
            fault: Fault::ThrottledOut,
            call: 3,
        },
    ]
}
