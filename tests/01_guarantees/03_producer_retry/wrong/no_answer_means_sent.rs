//! expect: LOST after no-answer
//!
//! One attempt, and no answer is taken for a lost answer: the request may have been lost as well.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::Config;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::error::SdkError;
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
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let put = kinesis
            .put_record()
            .stream_name(stream)
            .partition_key(&payment.account_id)
            .data(data(payment))
            .customize()
            .config_override(once)
            .send()
            .await;
        match put {
            Ok(_) | Err(SdkError::DispatchFailure(_)) => {}
            Err(error) => return Err(error.into()),
        }
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
