//! expect: CORRUPT
//!
//! The right partition key, and an explicit hash key beside it, which overrules it: an account's payments are in several
//! shards, and in no order.

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
            .explicit_hash_key(hash_key(payment.row))
            .data(data(payment))
            .send()
            .await?;
    }
    Ok(())
}

/// Spreads the rows evenly over all hash keys.
fn hash_key(row: u64) -> String {
    (u128::from(row % 3) << 126).to_string()
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("row-{}", payment.row),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
