//! expect: CORRUPT after no-answer
//!
//! Two payments are under way at once. Where they are of one account, the second may overtake the first.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use serde_json::json;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    for pair in payments.chunks(2) {
        let calls = pair.iter().map(|payment| put(kinesis, stream, payment));
        futures_util::future::try_join_all(calls).await?;
    }
    Ok(())
}

async fn put(kinesis: &Client, stream: &str, payment: &Payment) -> Result<(), Error> {
    kinesis
        .put_record()
        .stream_name(stream)
        .partition_key(&payment.account_id)
        .data(data(payment))
        .send()
        .await?;
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
