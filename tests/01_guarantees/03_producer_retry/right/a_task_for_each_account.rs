//! The accounts side by side, each with one call after another; the first error ends them all.

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
    let mut accounts: std::collections::BTreeMap<String, Vec<Payment>> = Default::default();
    for payment in payments {
        accounts
            .entry(payment.account_id.clone())
            .or_default()
            .push(payment.clone());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (account_id, payments) in accounts {
        let (kinesis, stream) = (kinesis.clone(), stream.to_owned());
        tasks.spawn(async move {
            for payment in &payments {
                kinesis
                    .put_record()
                    .stream_name(&stream)
                    .partition_key(&account_id)
                    .data(data(payment))
                    .send()
                    .await?;
            }
            Ok::<(), Error>(())
        });
    }
    while let Some(sent) = tasks.join_next().await {
        sent??;
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
