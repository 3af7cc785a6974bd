//! expect: CORRUPT after no-answer
//!
//! Each payment in a task of its own. One that is sent again comes after those that followed it.

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
    let mut tasks = tokio::task::JoinSet::new();
    for payment in payments.to_vec() {
        let put = kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(&payment));
        tasks.spawn(async move { put.send().await });
    }
    while let Some(sent) = tasks.join_next().await {
        sent??;
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
