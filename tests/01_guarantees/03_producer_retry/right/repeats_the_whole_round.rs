//! One of each account in a call; if any is refused, the whole round again. Repeats are allowed.

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
    let mut queues: std::collections::BTreeMap<&str, std::collections::VecDeque<&Payment>> =
        Default::default();
    for payment in payments {
        queues
            .entry(&payment.account_id)
            .or_default()
            .push_back(payment);
    }
    loop {
        let round: Vec<&Payment> = queues
            .values_mut()
            .filter_map(|queue| queue.pop_front())
            .collect();
        if round.is_empty() {
            return Ok(());
        }
        for chunk in round.chunks(500) {
            loop {
                let entries: Result<Vec<_>, _> =
                    chunk.iter().map(|payment| entry(payment)).collect();
                let put = kinesis
                    .put_records()
                    .stream_name(stream)
                    .set_records(Some(entries?))
                    .send()
                    .await?;
                if put.failed_record_count() == Some(0) {
                    break;
                }
            }
        }
    }
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
