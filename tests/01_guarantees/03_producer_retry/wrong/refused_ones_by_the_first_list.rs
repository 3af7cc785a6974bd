//! expect: LOST after partial-put+partial-put
//!
//! Looks up in the first list what the second answer has refused: it was an answer to a shorter one.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    for round in rounds(payments) {
        for call in round.chunks(500) {
            let mut refused = put(kinesis, stream, call).await?;
            for tries in 0..6 {
                if refused.is_empty() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20 << tries)).await;
                let again: Vec<&Payment> = refused.iter().map(|at| call[*at]).collect();
                refused = put(kinesis, stream, &again).await?;
            }
            if !refused.is_empty() {
                return Err("refused again and again".into());
            }
        }
    }
    Ok(())
}

/// The first payment of each account, then the second of each, and so on.
fn rounds(payments: &[Payment]) -> Vec<Vec<&Payment>> {
    let mut rounds: Vec<Vec<&Payment>> = Vec::new();
    let mut of_account: HashMap<&str, usize> = HashMap::new();
    for payment in payments {
        let round = of_account.entry(&payment.account_id).or_default();
        if rounds.len() == *round {
            rounds.push(Vec::new());
        }
        rounds[*round].push(payment);
        *round += 1;
    }
    rounds
}

/// Which of them are to be sent again.
async fn put(kinesis: &Client, stream: &str, payments: &[&Payment]) -> Result<Vec<usize>, Error> {
    let mut call = kinesis.put_records().stream_name(stream);
    for payment in payments {
        let entry = PutRecordsRequestEntry::builder()
            .partition_key(&payment.account_id)
            .data(data(payment));
        call = call.records(entry.build()?);
    }
    let put = call.send().await?;
    let answers = put.records().iter().enumerate();
    let refused = answers.filter(|(_, answer)| answer.error_code().is_some());
    Ok(refused.map(|(at, _)| at).collect())
}

fn data(payment: &Payment) -> Blob {
    let data = json!({
        "eventId": format!("row-{}", payment.row),
        "accountId": payment.account_id,
        "amountCents": payment.amount_cents,
    });
    Blob::new(data.to_string())
}
