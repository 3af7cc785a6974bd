//! A stalled worker repeats; an answer that is lost makes a worker take its own mark for another one.

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

pub fn repeat_with_check_then_act() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::Zombie,
        call: 2,
    }]
}

pub fn lose_with_mark_first() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::LostResponse,
        call: 1,
    }]
}

pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    vec![Strike {
        fault: Fault::LostResponse,
        call: 4,
    }]
}

pub fn lose_two_with_mark_first() -> Vec<Strike> {
    vec![
        Strike {
            fault: Fault::LostResponse,
            call: 1,
        },
        Strike {
            fault: Fault::LostResponse,
            call: 2,
        },
    ]
}
