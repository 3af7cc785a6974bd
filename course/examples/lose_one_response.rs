//! Loses one response on its way from DynamoDB, and shows what an `ADD` makes of it.
//!
//! `cargo run --package course --example lose_one_response`

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ReturnValue,
    ScalarAttributeType,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;

// ANCHOR: connector
/// Passes every request on, and drops the response to one of them.
#[derive(Clone, Debug)]
struct LosesOne<Inner> {
    inner: Inner,
    attempts: Arc<AtomicU32>,
    lost: u32,
}

impl HttpClient for LosesOne<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(LosesOne {
            inner: self.inner.http_connector(settings, components),
            attempts: self.attempts.clone(),
            lost: self.lost,
        })
    }
}

impl HttpConnector for LosesOne<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst) + 1;
        let is_lost = attempt == self.lost;
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let response = answer.await?; // DynamoDB has done what it was asked
            match is_lost {
                true => Err(ConnectorError::io("the response was lost".into())),
                false => Ok(response),
            }
        })
    }
}
// ANCHOR_END: connector

/// Adds 100 cents to alice's balance, once. Gives the attempts that this took, and the balance.
async fn deposit_once(lost: u32) -> Result<(u32, String), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let database = dynoxide::Database::memory()?;
    let server = tokio::spawn(dynoxide::server::serve_on(listener, database));

    let attempts = Arc::new(AtomicU32::new(0));
    let client = |lost| {
        let http = LosesOne {
            inner: aws_smithy_http_client::Builder::new().build_http(),
            attempts: attempts.clone(),
            lost,
        };
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("any", "any", None, None, "example"))
            .endpoint_url(&endpoint)
            .http_client(http);
        Client::from_conf(config.build())
    };
    create_table(&client(0)).await?;
    attempts.store(0, Ordering::SeqCst);

    // ANCHOR: deposit
    let updated = client(lost)
        .update_item()
        .table_name("account-balances")
        .key("accountId", AttributeValue::S("alice".to_owned()))
        .update_expression("ADD balanceCents :amount")
        .expression_attribute_values(":amount", AttributeValue::N("100".to_owned()))
        .return_values(ReturnValue::AllNew)
        .send() // one call
        .await?;
    // ANCHOR_END: deposit
    server.abort();
    let item = updated.attributes.unwrap_or_default();
    let balance = item.get("balanceCents").and_then(|value| value.as_n().ok());
    Ok((
        attempts.load(Ordering::SeqCst),
        balance.cloned().unwrap_or_default(),
    ))
}

async fn create_table(client: &Client) -> Result<(), Box<dyn Error>> {
    client
        .create_table()
        .table_name("account-balances")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("accountId")
                .attribute_type(ScalarAttributeType::S)
                .build()?,
        )
        .key_schema(
            KeySchemaElement::builder()
                .attribute_name("accountId")
                .key_type(KeyType::Hash)
                .build()?,
        )
        .send()
        .await?;
    Ok(())
}

/// One deposit of 1.00 for each kind of network.
pub async fn report() -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for (network, lost) in [("nothing is lost", 0), ("the first response is lost", 1)] {
        let (attempts, balance) = deposit_once(lost).await?;
        text.push_str(&format!(
            "{network:<28}calls: 1, attempts: {attempts}, alice has {balance} cents\n"
        ));
    }
    Ok(text)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", report().await?);
    Ok(())
}
