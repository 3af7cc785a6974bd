//! expect: LOST after no-fault
//!
//! Counts within one call: the first payment of the next call has the id of the first one of this call.

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
    for (place, payment) in payments.iter().enumerate() {
        kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(place, payment))
            .send()
            .await?;
    }
    Ok(())
}

fn data(place: usize, payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("payment-{place}"),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
