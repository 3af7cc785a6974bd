//! One after another, each with the sequence number of the one before: the service keeps them in order.

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
    let mut last: Option<String> = None;
    for payment in payments {
        let put = kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .set_sequence_number_for_ordering(last)
            .data(data(payment))
            .send()
            .await?;
        last = Some(put.sequence_number);
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
