//! A short look at a server before any lesson leans on it: better one sentence now than a strange red check.

use super::BackendError;
use super::localstack::LocalStack;
use crate::request::{Request, Response, Service};
use serde_json::{Value, json};

const USE_LOCALSTACK: &str =
    "Use LocalStack 4.14.0 (`docker compose up --detach`), or leave LAB_BACKEND unset.";
const USE_THE_LAST_FREE_ONE: &str = "Images after 4.14.0 need one: use localstack/localstack:4.14.0 \
     (`docker compose up --detach`), or leave LAB_BACKEND unset.";

/// Asks the server a few questions on which emulators differ from AWS.
pub(super) async fn run(server: &LocalStack, endpoint: &str) -> Result<(), BackendError> {
    let table = format!("{}probe", server.prefix());
    let probe = Probe {
        server,
        endpoint,
        table,
    };
    probe.speaks_dynamodb().await?;
    let verdict = probe.lessons().await;
    // The table goes away whatever came out.
    let _ = probe
        .ask("DeleteTable", json!({ "TableName": probe.table }))
        .await;
    verdict
}

struct Probe<'a> {
    server: &'a LocalStack,
    endpoint: &'a str,
    table: String,
}

impl Probe<'_> {
    async fn ask(&self, operation: &str, body: Value) -> Result<Response, BackendError> {
        let request = Request::new(Service::DynamoDb, operation, body);
        self.server
            .answer(&request)
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
                    "TableName": self.table,
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
                { "Put": { "TableName": self.table, "Item": { "k": { "S": "a" } } } },
                { "Put": { "TableName": self.table, "Item": { "k": { "S": "b" } },
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
                "TableName": self.table, "Key": { "k": { "S": "counter" } },
                "UpdateExpression": "ADD n :one",
                "ExpressionAttributeValues": { ":one": { "N": "1" } },
            } }],
        });
        for _ in 0..2 {
            self.ask("TransactWriteItems", increment.clone()).await?;
        }
        let read = self
            .ask("GetItem", json!({
                "TableName": self.table, "Key": { "k": { "S": "counter" } }, "ConsistentRead": true,
            }))
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
