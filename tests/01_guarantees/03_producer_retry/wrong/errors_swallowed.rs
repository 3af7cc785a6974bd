//! expect: LOST after no-answer
//!
//! A payment that cannot be sent is logged, and the next one is sent.

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
        let sent = kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(payment))
            .send()
            .await;
        if let Err(error) = sent {
            eprintln!("{}: {error}", payment.row);
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
