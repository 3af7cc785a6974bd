//! What a crash loses, and what it repeats: the reference.

// The given parts, in the one place where they are given.
#[path = "../../../../exercises/01_guarantees/01_commit_order/src/consumer.rs"]
mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

// ANCHOR: at_most_once
/// Processes no record more than once, whatever happens. What a crash interrupts may be lost.
///
/// # Errors
///
/// Whatever `consumer` returns. The worker ends, and another one calls this function again. What it has committed and not
/// processed may be lost, as in a crash. Only an error of `process` may be passed over: its record may be lost.
pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        // One attempt: when the answer is lost, the SDK would send the increment again.
        consumer.process(&record, 1).await?;
    }
    Ok(())
}
// ANCHOR_END: at_most_once

// ANCHOR: at_least_once
/// Processes every record at least once, whatever happens. What a crash interrupts may be repeated.
///
/// # Errors
///
/// Whatever `consumer` returns. The worker ends, and another one calls this function again. Only an error of `commit` may be
/// passed over, if a later commit succeeds.
pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.process(&record, 3).await?;
        consumer.commit(&record).await?;
    }
    Ok(())
}
// ANCHOR_END: at_least_once
