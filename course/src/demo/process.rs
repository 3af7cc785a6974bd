//! A worker in a process of its own: it knows AWS's address and nothing of the lab.

use super::processors::Processor;
use super::set::{BALANCES, PROCESSED, STREAM};
use anyhow::{Context, Result, anyhow};
use atomic_apply_solution::{Outcome, PaymentEvent, PaymentType, Tables};
use aws_sdk_kinesis::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kinesis::types::ShardIteratorType;
use serde::Deserialize;
use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable with what all names begin with.
pub const PREFIX: &str = "COURSE_DEMO_PREFIX";

/// Processes the stream from its beginning until the worker has caught up. Prints a line for each delivery.
///
/// # Errors
/// AWS did not answer, or refused; or a record is no payment.
pub fn work(processor: Processor) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(drain(processor))?;
    Ok(ExitCode::SUCCESS)
}

async fn drain(processor: Processor) -> Result<()> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").map_err(|_| {
        anyhow!("A worker is started by `cargo course demo`, which tells it AWS's address.")
    })?;
    let prefix = std::env::var(PREFIX).unwrap_or_default();
    let (kinesis, dynamodb) = clients(&endpoint);
    let tables = Tables {
        account_balances: format!("{prefix}{BALANCES}"),
        processed_events: format!("{prefix}{PROCESSED}"),
    };
    let stream = format!("{prefix}{STREAM}");
    // One shard, so there is no order of shards to keep.
    let shards = kinesis.list_shards().stream_name(&stream).send().await?;
    let shard = shards
        .shards()
        .first()
        .context("The stream has no shard.")?;
    let start = kinesis
        .get_shard_iterator()
        .stream_name(&stream)
        .shard_id(shard.shard_id())
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await?;
    let mut next = start.shard_iterator;
    while let Some(iterator) = next {
        let page = kinesis
            .get_records()
            .shard_iterator(iterator)
            .send()
            .await?;
        for record in page.records() {
            let event: Event = serde_json::from_slice(record.data().as_ref())
                .with_context(|| format!("Record {} is no payment", record.sequence_number()))?;
            let event = event.payment()?;
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)?
                .as_secs()
                .try_into()?;
            let outcome = processor.process(&dynamodb, &tables, &event, now).await;
            let outcome = match outcome.map_err(|error| anyhow!(error))? {
                Outcome::Applied => "applied",
                Outcome::Rejected => "rejected",
                Outcome::Duplicate => "duplicate",
            };
            println!("{} {outcome}", event.event_id);
            std::io::stdout().flush()?;
        }
        // An empty page is not the end: the worker may be behind all the same.
        if page.millis_behind_latest() == Some(0) {
            return Ok(());
        }
        next = page.next_shard_iterator;
    }
    Ok(())
}

fn clients(endpoint: &str) -> (aws_sdk_kinesis::Client, aws_sdk_dynamodb::Client) {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new("lab", "lab", None, None, "course");
    let region = Region::from_static("us-east-1");
    let version = BehaviorVersion::v2026_01_12();
    let kinesis = aws_sdk_kinesis::Config::builder()
        .behavior_version(version)
        .region(region.clone())
        .credentials_provider(credentials.clone())
        .endpoint_url(endpoint)
        .http_client(http.clone());
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(version)
        .region(region)
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .http_client(http);
    (
        aws_sdk_kinesis::Client::from_conf(kinesis.build()),
        aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
    )
}

/// A record of the stream, as its producer writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_id: String,
    account_id: String,
    r#type: String,
    amount_cents: i64,
}

impl Event {
    fn payment(self) -> Result<PaymentEvent> {
        let payment_type = match self.r#type.as_str() {
            "deposit" => PaymentType::Deposit,
            "withdrawal" => PaymentType::Withdrawal,
            other => {
                return Err(anyhow!(
                    "{} is a `{other}`, which is no payment",
                    self.event_id
                ));
            }
        };
        Ok(PaymentEvent {
            event_id: self.event_id,
            account_id: self.account_id,
            payment_type,
            amount_cents: self.amount_cents,
        })
    }
}
