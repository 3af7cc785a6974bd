//! expect: LOST after no-fault
//!
//! The id is row and account without anything between: row 1 of `2x` and row 12 of `x` have the same one.

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
    for payment in payments {
        put(kinesis, stream, payment).await?;
    }
    Ok(())
}

async fn put(kinesis: &Client, stream: &str, payment: &Payment) -> Result<(), Error> {
    let put = kinesis
        .put_record()
        .stream_name(stream)
        .partition_key(&payment.account_id)
        .data(data(payment));
    put.send().await?;
    Ok(())
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("{}{}", payment.row, payment.account_id),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
