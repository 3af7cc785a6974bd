//! An answer, or an error as each service writes it.

use super::{Service, elements, members};
use serde_json::{Value, json};

/// What AWS answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The result, or the error with its `__type`.
    pub body: Value,
}

impl Response {
    /// A success.
    pub fn ok(body: Value) -> Self {
        Response { status: 200, body }
    }

    /// An error as AWS sends it.
    pub fn error(service: Service, code: &str, message: &str) -> Self {
        let kind = match service {
            Service::Kinesis => code.to_owned(),
            Service::DynamoDb => format!("com.amazonaws.dynamodb.v20120810#{code}"),
        };
        Response {
            status: 400,
            body: json!({ "__type": kind, Response::message_key(code): message }),
        }
    }

    /// How many records or items it says were left undone, although it is no error.
    pub(crate) fn undone(&self) -> usize {
        let records = self.body["FailedRecordCount"].as_u64().unwrap_or(0) as usize;
        let items = ["UnprocessedItems", "UnprocessedKeys"]
            .iter()
            .flat_map(|left| members(&self.body[left]))
            .flat_map(|of_table| elements(of_table.get("Keys").unwrap_or(of_table)));
        records + items.count()
    }

    /// Whether more items follow in a further page: of a query or a scan, or of a PartiQL statement.
    pub(crate) fn is_followed(&self) -> bool {
        !self.body["LastEvaluatedKey"].is_null() || !self.body["NextToken"].is_null()
    }

    /// Under which key the error `code` has its message: for three of DynamoDB's errors it is capitalised, and
    /// under the other one the SDK does not find it.
    pub(crate) fn message_key(code: &str) -> &'static str {
        match code {
            "TransactionCanceledException"
            | "TransactionInProgressException"
            | "IdempotentParameterMismatchException" => "Message",
            _ => "message",
        }
    }

    /// A cancelled transaction, with the code of each action's reason: `None` for an action with no fault.
    pub fn cancelled(reasons: &[(&str, Option<&str>)]) -> Self {
        let reason = |(code, message): &(&str, Option<&str>)| match message {
            Some(message) => json!({ "Code": code, "Message": message }),
            None => json!({ "Code": code }),
        };
        Response::cancelled_because(reasons.iter().map(reason).collect())
    }

    /// A cancelled transaction with these reasons, as the protocol writes them: one for each action.
    pub(crate) fn cancelled_because(reasons: Vec<Value>) -> Self {
        let codes: Vec<_> = reasons
            .iter()
            .filter_map(|reason| reason["Code"].as_str())
            .collect();
        let mut response = Response::error(
            Service::DynamoDb,
            "TransactionCanceledException",
            &format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                codes.join(", ")
            ),
        );
        response.body["CancellationReasons"] = Value::Array(reasons);
        response
    }

    /// Whether the operation succeeded.
    pub fn is_ok(&self) -> bool {
        self.status < 300
    }

    /// The error's code without its namespace: `ConditionalCheckFailedException`.
    pub fn error_code(&self) -> Option<&str> {
        if self.is_ok() {
            return None;
        }
        let kind = self.body["__type"]
            .as_str()
            .unwrap_or("an error without a type");
        Some(kind.rsplit('#').next().unwrap_or(kind))
    }

    /// The error's message.
    pub fn error_message(&self) -> &str {
        ["message", "Message"]
            .into_iter()
            .find_map(|key| self.body[key].as_str())
            .unwrap_or_default()
    }

    /// The codes of a cancelled transaction's reasons, one for each action.
    pub fn cancellation_codes(&self) -> Vec<&str> {
        self.body["CancellationReasons"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|reason| reason["Code"].as_str().unwrap_or("None"))
            .collect()
    }
}
