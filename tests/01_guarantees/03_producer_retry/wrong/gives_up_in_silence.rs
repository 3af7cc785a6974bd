//! expect: LOST after partial-put+partial-put+partial-put
//!
//! What is refused is sent three times. Then it is logged, and the producer is content.

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
    for payment in payments {
        for _ in 0..3 {
            let put = kinesis
                .put_records()
                .stream_name(stream)
                .records(entry(payment)?)
                .send()
                .await?;
            if put.failed_record_count() == Some(0) {
                break;
            }
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
