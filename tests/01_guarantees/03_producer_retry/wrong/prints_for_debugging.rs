//! expect: CORRUPT after no-fault
//!
//! Prints the account as Rust does for debugging: what it writes for a space without width is no JSON.

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
    let (row, account, cents) = (payment.row, &payment.account_id, payment.amount_cents);
    Blob::new(format!(
        r#"{{"eventId":"row-{row}","accountId":{account:?},"amountCents":{cents}}}"#
    ))
}
