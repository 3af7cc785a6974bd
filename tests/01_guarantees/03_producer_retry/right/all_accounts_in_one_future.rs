//! The accounts side by side in one future, each with one call after another: 501 calls may be under way at once.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use futures_util::future::try_join_all;
use serde_json::json;
use std::collections::BTreeMap;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    let mut accounts: BTreeMap<&str, Vec<&Payment>> = BTreeMap::new();
    for payment in payments {
        accounts
            .entry(&payment.account_id)
            .or_default()
            .push(payment);
    }
    try_join_all(
        accounts
            .into_iter()
            .map(|(account_id, payments)| async move {
                for payment in payments {
                    kinesis
                        .put_record()
                        .stream_name(stream)
                        .partition_key(account_id)
                        .data(data(payment))
                        .send()
                        .await?;
                }
                Ok::<_, Error>(())
            }),
    )
    .await?;
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
