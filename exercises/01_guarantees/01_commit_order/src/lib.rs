//! What a crash loses, and what it repeats.
//!
//! A consumer does two things with each record: it *processes* it (changes a balance), and it *commits* it
//! (stores its position, from where the next worker goes on). They are two calls, and a worker can die between
//! them. Which of the two comes first decides whether such a death loses an event or repeats it.
//!
//! [`Consumer`] has the parts: `read`, `process`, `commit`. Put them together, twice, and make no other call.
//! Both functions end when everything that `read` returned is done. The committed position never moves back.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

/// Processes no record more than once, whatever happens. What a crash interrupts may be lost.
///
/// The SDK's own retries count too: think about `attempts`, the last argument of `process`.
///
/// # Errors
///
/// Whatever `consumer` returns. The worker ends, and another one calls this function again. What it has committed and not
/// processed may be lost, as in a crash. Only an error of `process` may be passed over: its record may be lost.
pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    todo!("read, then for each record commit and process, in the right order: {consumer:p}")
}

/// Processes every record at least once, whatever happens. What a crash interrupts may be repeated.
///
/// A worker that ended well leaves nothing for the next one to repeat.
///
/// # Errors
///
/// Whatever `consumer` returns. The worker ends, and another one calls this function again. Only an error of `commit` may be
/// passed over, if a later commit succeeds.
pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    todo!("read, then for each record process and commit, in the right order: {consumer:p}")
}
