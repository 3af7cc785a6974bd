//! Send what must not be lost: the reference.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::error::BuildError;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use serde_json::json;
use std::collections::HashSet;
use std::time::Duration;

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

// ANCHOR: send
/// What one `PutRecords` takes.
const MOST_RECORDS: usize = 500;

/// So many rounds may pass in which nothing is taken.
const PATIENCE: u32 = 8;

/// Puts every payment on the stream.
///
/// # Errors
///
/// Whatever keeps a payment from the stream.
pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    let mut waiting: Vec<&Payment> = payments.iter().collect();
    let mut in_vain = 0;
    while !waiting.is_empty() {
        // One of each account: were two in one call, the second might be taken and the first refused.
        let mut accounts = HashSet::new();
        let round: Vec<&Payment> = waiting
            .iter()
            .copied()
            .filter(|payment| accounts.insert(payment.account_id.as_str()))
            .take(MOST_RECORDS)
            .collect();
        let entries: Result<Vec<_>, BuildError> = round.iter().map(|p| entry(p)).collect();
        let put = kinesis
            .put_records()
            .stream_name(stream)
            .set_records(Some(entries?))
            .send()
            .await?;
        // A success may hold failures, one answer for each record, in their order.
        let taken: HashSet<u64> = put
            .records()
            .iter()
            .zip(&round)
            .filter(|(answer, _)| answer.error_code().is_none())
            .map(|(_, payment)| payment.row)
            .collect();
        waiting.retain(|payment| !taken.contains(&payment.row));
        if taken.len() < round.len() {
            in_vain = if taken.is_empty() { in_vain + 1 } else { 0 };
            if in_vain == PATIENCE {
                return Err(format!("{} payments are refused again and again", round.len()).into());
            }
            tokio::time::sleep(Duration::from_millis(100 << in_vain)).await;
        }
    }
    Ok(())
}

fn entry(payment: &Payment) -> Result<PutRecordsRequestEntry, BuildError> {
    let data = json!({
        // From what the payment is, not from when it is sent: so it is the same for whoever sends it.
        "eventId": format!("outbox-{}", payment.row),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    PutRecordsRequestEntry::builder()
        .partition_key(&payment.account_id)
        .data(Blob::new(data.to_string()))
        .build()
}
// ANCHOR_END: send
