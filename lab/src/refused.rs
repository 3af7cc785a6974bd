//! The error that the SDK makes of each way in which a transaction may be refused.

use crate::client::{dynamodb_on, encode};
use crate::request::{Response, Service};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::json;
use tokio::runtime::Builder;

/// What comes back for a `TransactWriteItems` that does not succeed.
#[derive(Clone, Copy, Debug)]
pub enum Refused<'a> {
    /// A cancelled transaction: the code of each action's reason, in the order of the actions.
    Cancelled(&'a [&'a str]),
    /// Another error: the HTTP status and the code, `InternalServerError`.
    With(u16, &'a str),
    /// An answer of HTTP 200 that breaks off.
    Unreadable,
    /// Nothing: the connection breaks before an answer comes.
    NoAnswer,
}

/// The error that a caller of the SDK sees once it has given up: parsed from a response, as in production.
#[inline] // compiled in the one check that wants it, and not wherever the lab is
pub fn transaction_error(refused: Refused<'_>) -> SdkError<TransactWriteItemsError> {
    let client = dynamodb_on(match refused {
        Refused::Cancelled(codes) => {
            let reasons: Vec<_> = codes.iter().map(|code| (*code, message(code))).collect();
            Canned::Answer(Response::cancelled(&reasons))
        }
        Refused::With(status, code) => Canned::Answer(Response {
            status,
            ..Response::error(Service::DynamoDb, code, "The request was refused.")
        }),
        Refused::Unreadable => Canned::BrokenOff,
        Refused::NoAnswer => Canned::Nothing,
    });
    let put = Put::builder()
        .table_name("table")
        .item("key", AttributeValue::S("value".to_owned()));
    let action = TransactWriteItem::builder()
        .put(put.build().expect("a table and an item are given"))
        .build();
    let call = client.transact_write_items().transact_items(action).send();
    // The SDK's pauses take no time here.
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a Tokio runtime starts");
    runtime.block_on(call).expect_err("it is refused each time")
}

/// The messages of the API's reference; a fault-free action has none.
fn message(code: &str) -> Option<&'static str> {
    Some(match code {
        "None" => return None,
        "ConditionalCheckFailed" => "The conditional request failed",
        "ItemCollectionSizeLimitExceeded" => "Collection size exceeded.",
        "TransactionConflict" => "Transaction is ongoing for the item",
        "ProvisionedThroughputExceeded" | "ThrottlingError" => {
            "Throughput exceeds the current capacity of your table or index."
        }
        _ => "One or more parameter values were invalid.",
    })
}

/// What comes back for each attempt.
#[derive(Clone, Debug)]
enum Canned {
    Answer(Response),
    /// A status, and a body that cannot be read.
    BrokenOff,
    Nothing,
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(match self {
            Canned::Answer(response) => Ok(encode(Service::DynamoDb, response)),
            Canned::BrokenOff => {
                let mut answer = encode(Service::DynamoDb, &Response::ok(json!({})));
                *answer.body_mut() = SdkBody::taken();
                Ok(answer)
            }
            Canned::Nothing => Err(ConnectorError::io("the connection broke".into())),
        })
    }
}
