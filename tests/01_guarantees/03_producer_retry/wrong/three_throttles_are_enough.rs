//! expect: LOST after throttled-out+throttled-out+throttled-out
//!
//! Tries again when it is throttled, three times in all, and then goes on with the next payment.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use serde_json::json;
use std::time::Duration;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    for payment in payments {
        for _ in 0..3 {
            match put(kinesis, stream, payment).await {
                Err(error) if error.to_string().contains("throttled") => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                other => {
                    other?;
                    break;
                }
            }
        }
    }
    Ok(())
}

async fn put(kinesis: &Client, stream: &str, payment: &Payment) -> Result<(), Error> {
    let put = kinesis
        .put_record()
        .stream_name(stream)
        .partition_key(&payment.account_id)
        .data(data(payment));
    match put.send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_provisioned_throughput_exceeded_exception() => {
                Err("throttled".into())
            }
            _ => Err(error.into()),
        },
    }
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("row-{}", payment.row),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
