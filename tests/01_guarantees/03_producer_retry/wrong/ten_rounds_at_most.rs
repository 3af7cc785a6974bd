//! expect: STUCK after no-fault
//!
//! Gives up after ten rounds, whether anything was refused or not: more payments of one account are never sent.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use serde_json::json;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub row: u64,
    pub account_id: String,
    pub amount_cents: i64,
}

pub async fn send(kinesis: &Client, stream: &str, payments: &[Payment]) -> Result<(), Error> {
    let mut waiting: Vec<&Payment> = payments.iter().collect();
    let mut rounds = 0;
    while !waiting.is_empty() {
        rounds += 1;
        if rounds > 10 {
            return Err("ten rounds were not enough".into());
        }
        let mut accounts = std::collections::HashSet::new();
        let round: Vec<&Payment> = waiting
            .iter()
            .copied()
            .filter(|payment| accounts.insert(&payment.account_id))
            .take(500)
            .collect();
        let entries: Result<Vec<_>, _> = round.iter().map(|payment| entry(payment)).collect();
        let put = kinesis
            .put_records()
            .stream_name(stream)
            .set_records(Some(entries?))
            .send()
            .await?;
        for (payment, answer) in round.into_iter().zip(put.records()) {
            if answer.error_code().is_none() {
                waiting.retain(|other| *other != payment);
            }
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

fn entry(payment: &Payment) -> Result<PutRecordsRequestEntry, aws_sdk_kinesis::error::BuildError> {
    PutRecordsRequestEntry::builder()
        .partition_key(&payment.account_id)
        .data(data(payment))
        .build()
}
