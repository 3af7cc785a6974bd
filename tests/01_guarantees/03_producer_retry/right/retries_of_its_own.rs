//! The SDK makes one attempt, and a loop makes up to six, whatever the error.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::Config;
use aws_sdk_kinesis::config::retry::RetryConfig;
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
        let mut attempts = 0;
        while let Err(error) = put(kinesis, stream, payment).await {
            attempts += 1;
            if attempts == 6 {
                return Err(error);
            }
            tokio::time::sleep(std::time::Duration::from_millis(100 << attempts)).await;
        }
    }
    Ok(())
}

async fn put(kinesis: &Client, stream: &str, payment: &Payment) -> Result<(), Error> {
    let once = Config::builder().retry_config(RetryConfig::disabled());
    kinesis
        .put_record()
        .stream_name(stream)
        .partition_key(&payment.account_id)
        .data(data(payment))
        .customize()
        .config_override(once)
        .send()
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
