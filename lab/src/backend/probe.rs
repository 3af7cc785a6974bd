//! A short look at a server before any lesson leans on it: better one sentence now than a strange red check.

use super::BackendError;
use super::over_http::OverHttp;
use crate::request::{Request, Response, Service};
use serde_json::{Value, json};

const USE_LOCALSTACK: &str =
    "Use LocalStack 4.14.0 (`docker compose up --detach`), or leave LAB_BACKEND unset.";
const USE_THE_LAST_FREE_ONE: &str = "Images after 4.14.0 need an auth token: use localstack/localstack:4.14.0 \
     (`docker compose up --detach`), or leave LAB_BACKEND unset.";

/// Asks the server a few questions on which emulators differ from AWS.
pub(super) async fn run(
    server: &OverHttp,
    endpoint: &str,
    account: &str,
) -> Result<(), BackendError> {
    let probe = Probe {
        server,
        endpoint,
        account,
    };
    probe.speaks_dynamodb().await?;
    let verdict = probe.lessons().await;
    // The table goes away whatever came out.
    let _ = probe
        .ask("DeleteTable", json!({ "TableName": TABLE }))
        .await;
    verdict
}

const TABLE: &str = "lab-probe";

struct Probe<'a> {
    server: &'a OverHttp,
    endpoint: &'a str,
    account: &'a str,
}

impl Probe<'_> {
    async fn ask(&self, operation: &str, body: Value) -> Result<Response, BackendError> {
        let request = Request::new(Service::DynamoDb, operation, body);
        self.server
            .send(&request, self.account)
            .await
            .map_err(|error| BackendError::Unreachable {
                endpoint: self.endpoint.to_owned(),
                reason: error.to_string(),
            })
    }

    fn unfaithful(&self, difference: impl Into<String>, advice: &'static str) -> BackendError {
        BackendError::Unfaithful {
            endpoint: self.endpoint.to_owned(),
            difference: difference.into(),
            advice,
        }
    }

    async fn speaks_dynamodb(&self) -> Result<(), BackendError> {
        let response = self.ask("ListTables", json!({})).await?;
        if response.is_ok() && response.body["TableNames"].is_array() {
            return Ok(());
        }
        let said = response.body.to_string().to_lowercase();
        if ["token", "license", "activat"]
            .iter()
            .any(|word| said.contains(word))
        {
            return Err(self.unfaithful(
                "it asks for a licence or an auth token",
                USE_THE_LAST_FREE_ONE,
            ));
        }
        Err(self.unfaithful(
            format!(
                "it answered ListTables with status {} and no list of tables",
                response.status
            ),
            USE_LOCALSTACK,
        ))
    }

    async fn lessons(&self) -> Result<(), BackendError> {
        let created = self
            .ask(
                "CreateTable",
                json!({
                    "TableName": TABLE,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
                    "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
                }),
            )
            .await?;
        if !created.is_ok() {
            return Err(self.unfaithful(
                format!("it refused to create a table ({})", created.error_message()),
                USE_LOCALSTACK,
            ));
        }
        self.cancellation_reasons().await?;
        self.request_tokens().await
    }

    async fn cancellation_reasons(&self) -> Result<(), BackendError> {
        let response = self
            .ask(
                "TransactWriteItems",
                json!({ "TransactItems": [
                { "Put": { "TableName": TABLE, "Item": { "k": { "S": "a" } } } },
                { "Put": { "TableName": TABLE, "Item": { "k": { "S": "b" } },
                           "ConditionExpression": "attribute_exists(k)" } },
            ] }),
            )
            .await?;
        let codes = response.cancellation_codes();
        if codes != ["None", "ConditionalCheckFailed"] {
            return Err(self.unfaithful(
                "a cancelled transaction does not come with one reason for each action, as it does on AWS",
                USE_LOCALSTACK,
            ));
        }
        Ok(())
    }

    async fn request_tokens(&self) -> Result<(), BackendError> {
        let increment = json!({
            "ClientRequestToken": "lab-probe-token",
            "TransactItems": [{ "Update": {
                "TableName": TABLE, "Key": { "k": { "S": "counter" } },
                "UpdateExpression": "ADD n :one",
                "ExpressionAttributeValues": { ":one": { "N": "1" } },
            } }],
        });
        for _ in 0..2 {
            self.ask("TransactWriteItems", increment.clone()).await?;
        }
        let read = self
            .ask(
                "GetItem",
                json!({
                    "TableName": TABLE, "Key": { "k": { "S": "counter" } }, "ConsistentRead": true,
                }),
            )
            .await?;
        if read.body["Item"]["n"]["N"] != json!("1") {
            return Err(self.unfaithful(
                "it applies a transaction again when its ClientRequestToken is repeated, and AWS does not",
                USE_LOCALSTACK,
            ));
        }
        Ok(())
    }
}
