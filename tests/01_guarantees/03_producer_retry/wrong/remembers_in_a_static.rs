//! expect: LOST after no-fault
//!
//! Remembers in a static what is on the stream. Another producer in the same process sends nothing.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Mutex;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

static SENT: Mutex<Option<HashSet<u64>>> = Mutex::new(None);

fn is_sent(row: u64) -> bool {
    let sent = SENT.lock().expect("nobody panics while it is locked");
    sent.as_ref().is_some_and(|rows| rows.contains(&row))
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    for payment in payments {
        if is_sent(payment.row) {
            continue;
        }
        put(kinesis, stream, payment).await?;
        let mut sent = SENT.lock().expect("nobody panics while it is locked");
        sent.get_or_insert_default().insert(payment.row);
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
