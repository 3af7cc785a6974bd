//! Break three processors: the reference.

// The given parts, in the one place where they are given.
#[path = "../../../../exercises/01_guarantees/02_break_it/src/plan.rs"]
mod plan;
#[path = "../../../../exercises/01_guarantees/02_break_it/src/processors.rs"]
pub mod processors;

pub use plan::{Fault, Strike};

// ANCHOR: plans
/// Makes `check_then_act` apply some payment twice.
pub fn repeat_with_check_then_act() -> Vec<Strike> {
    // Call 3 writes the balance, call 4 would have remembered the event.
    vec![Strike {
        fault: Fault::CrashAfter,
        call: 3,
    }]
}

/// Makes `mark_first` lose some payment.
pub fn lose_with_mark_first() -> Vec<Strike> {
    // Call 1 marks the event, call 2 would have added to the balance.
    vec![Strike {
        fault: Fault::CrashAfter,
        call: 1,
    }]
}

/// Makes `add` apply some payment twice, with one worker.
pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    // The addition was made. The SDK does not know, and makes it again.
    vec![Strike {
        fault: Fault::LostResponse,
        call: 1,
    }]
}

/// Makes `mark_first` lose two payments in one run.
pub fn lose_two_with_mark_first() -> Vec<Strike> {
    // The second worker passes over the first event, marked as it is, and marks the next one with its second call.
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
// ANCHOR_END: plans
