//! expect: LOST after no-fault
//!
//! Takes a payment like the one before it for the same one, and passes over it. They have different rows.

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
    let mut before: Option<&Payment> = None;
    for payment in payments {
        let is_alike = before.is_some_and(|before| {
            before.account_id == payment.account_id && before.amount_cents == payment.amount_cents
        });
        before = Some(payment);
        if is_alike {
            continue;
        }
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
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
