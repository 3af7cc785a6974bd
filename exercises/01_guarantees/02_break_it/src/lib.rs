//! Break three processors.
//!
//! Each of them passes every test in which one worker is alone and nothing fails. You know where a worker can die: now
//! choose the place. You write no processor here, but a *plan of faults* for each one that is given in `processors.rs`.
//!
//! A worker gets five deliveries, of four payments: `evt_1` for alice, `evt_2` for bob, `evt_3` for alice, `evt_2` once
//! more, `evt_4` for bob. When it dies, another one gets the same five, from the first on.
//!
//! A plan is as short as possible: where one fault will do, two are too many. To see the calls of a worker, begin with
//! an empty plan, `vec![]`, and run the check. How they are counted after a fault is told at [`Strike::call`].

mod plan;
pub mod processors;

pub use plan::{Fault, Strike};

/// Makes `check_then_act` apply some payment twice.
pub fn repeat_with_check_then_act() -> Vec<Strike> {
    todo!("name a fault and the call of check_then_act that it strikes")
}

/// Makes `mark_first` lose some payment.
pub fn lose_with_mark_first() -> Vec<Strike> {
    todo!("name a fault and the call of mark_first that it strikes")
}

/// Makes `add` apply some payment twice, and no worker may die or end for it: it is one worker from the first delivery
/// to the last. Only [`Fault::LostResponse`] and [`Fault::Throttled`] are allowed.
pub fn repeat_with_add_and_one_worker() -> Vec<Strike> {
    todo!("name a fault and the call of add that it strikes")
}

/// Makes `mark_first` lose two payments in one run.
pub fn lose_two_with_mark_first() -> Vec<Strike> {
    todo!("name two faults and the calls of mark_first that they strike")
}
