//! Send what must not be lost.
//!
//! A producer reads payments from its outbox, some at a time, and puts each on a stream. Any call may fail, in part too,
//! and the producer itself may die: then another one begins with the first payment again. Nothing may be lost. Repeats
//! cannot be avoided, so a consumer has to be able to recognise them.

use aws_sdk_kinesis::Client;

/// Whatever went wrong: the producer ends with it, and another one begins from the start.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A payment in the outbox. Two payments may be alike in everything but their row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its row in the outbox: another one for each payment, and the same whoever reads it. Rows say nothing about the
    /// order.
    pub row: u64,
    /// Whose balance changes: any text of 1 to 256 characters.
    pub account_id: String,
    /// By how much, in cents: any number; below 0 for a withdrawal.
    pub amount_cents: i64,
}

/// Puts every payment on the stream.
///
/// It is called again for the payments that come next in the outbox, once these are sent. There is at least one. Another
/// producer may cut the outbox at other places: where a payment stands in `payments` says nothing about it. Nothing is kept
/// in a static.
///
/// A record's partition key is the account's id. Its data is a JSON object:
///
/// ```json
/// { "eventId": "…", "accountId": "alice", "amountCents": 5000 }
/// ```
///
/// The `eventId` is a text of your choice. A payment has the same one in each attempt and from each producer, and no two
/// payments of the outbox share one, whichever account they are of.
///
/// Whoever reads the stream and passes over repeats, records whose `eventId` came before, finds each account's payments
/// in the order of `payments`, not of their rows. Between accounts there is no order.
/// The stream may have several shards, which are read one after another.
///
/// A run of more than 600 attempts, those of all its producers together, counts as a loop that never ends; the longest run
/// sends 501 payments, without a fault.
///
/// One `PutRecords` takes at most 500 records. It may take some of them and refuse others, and succeeds all the same.
///
/// # Errors
///
/// Whatever keeps a payment from the stream, such as a permission that is missing. You may try a few times first, or leave
/// that to the next producer: an error starts one. Without an error, all are there.
pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    todo!(
        "put each payment on the stream, and what was refused once more: \
         {} payments to {stream}, client {kinesis:p}",
        payments.len()
    )
}
