//! expect: CORRUPT after no-fault
//!
//! Cuts the spaces around an account's id off in the data: ` bob ` and `bob` become one account.

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
        "eventId": format!("row-{}", payment.row),
        "accountId": payment.account_id.trim(),
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
