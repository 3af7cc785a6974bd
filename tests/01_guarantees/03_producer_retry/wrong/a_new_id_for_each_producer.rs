//! expect: DUPLICATE after no-fault
//!
//! Makes the ids when it sends: the producer that starts again makes others, and no consumer recognises the repeat.

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
        kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(payment))
            .send()
            .await?;
    }
    Ok(())
}

fn data(payment: &Payment) -> Blob {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is after 1970");
    let data = json!({
        "eventId": format!("{}-{}", payment.row, now.as_nanos()),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
