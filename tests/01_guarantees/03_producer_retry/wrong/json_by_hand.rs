//! expect: CORRUPT after no-fault
//!
//! Writes the JSON by hand: a quote in an account's id ends the text.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;

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
    let Payment {
        row,
        account_id,
        amount_cents,
    } = payment;
    let data = format!(
        r#"{{"eventId":"row-{row}","accountId":"{account_id}","amountCents":{amount_cents}}}"#
    );
    Blob::new(data)
}
