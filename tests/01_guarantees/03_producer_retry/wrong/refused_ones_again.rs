//! expect: CORRUPT after partial-put
//!
//! Sends what was refused once more, and what came after it is there already: the order within an account is lost.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use serde_json::json;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    for chunk in payments.chunks(500) {
        let mut waiting: Vec<&Payment> = chunk.iter().collect();
        while !waiting.is_empty() {
            let entries: Result<Vec<_>, _> = waiting.iter().map(|payment| entry(payment)).collect();
            let put = kinesis
                .put_records()
                .stream_name(stream)
                .set_records(Some(entries?))
                .send()
                .await?;
            waiting = waiting
                .into_iter()
                .zip(put.records())
                .filter(|(_, answer)| answer.error_code().is_some())
                .map(|(payment, _)| payment)
                .collect();
        }
    }
    Ok(())
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("row-{}", payment.row),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}

fn entry(payment: &Payment) -> Result<PutRecordsRequestEntry, aws_sdk_kinesis::error::BuildError> {
    PutRecordsRequestEntry::builder()
        .partition_key(&payment.account_id)
        .data(data(payment))
        .build()
}
