//! One of each account in a call; any refusal is an error at once, and the next producer begins again.

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
    let mut rest = payments;
    while !rest.is_empty() {
        let mut accounts = std::collections::HashSet::new();
        let of_each = rest
            .iter()
            .take(500)
            .take_while(|payment| accounts.insert(&payment.account_id));
        let (round, later) = rest.split_at(of_each.count());
        let entries: Result<Vec<_>, _> = round.iter().map(entry).collect();
        let put = kinesis
            .put_records()
            .stream_name(stream)
            .set_records(Some(entries?))
            .send()
            .await?;
        if put
            .records()
            .iter()
            .any(|answer| answer.error_code().is_some())
        {
            return Err("a record was refused".into());
        }
        rest = later;
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
