//! What travels between an SDK and AWS: one operation each way, as JSON.

mod response;
mod statement;

use serde_json::{Value, json};
use statement::Statement;

pub use response::Response;

/// The AWS service that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon Kinesis Data Streams.
    Kinesis,
    /// Amazon DynamoDB.
    DynamoDb,
}

impl Service {
    /// What stands before the operation's name in the `x-amz-target` header.
    pub(crate) fn target_prefix(self) -> &'static str {
        match self {
            Service::Kinesis => "Kinesis_20131202.",
            Service::DynamoDb => "DynamoDB_20120810.",
        }
    }

    /// The content type of requests and responses.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Service::Kinesis => "application/x-amz-json-1.1",
            Service::DynamoDb => "application/x-amz-json-1.0",
        }
    }

    /// The service's name in a signature's scope and in host names.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Service::Kinesis => "kinesis",
            Service::DynamoDb => "dynamodb",
        }
    }

    /// The service and the operation that an `x-amz-target` header names.
    pub(crate) fn of_target(target: &str) -> Option<(Service, &str)> {
        [Service::Kinesis, Service::DynamoDb]
            .into_iter()
            .find_map(|service| Some((service, target.strip_prefix(service.target_prefix())?)))
    }
}

/// Which of the SDK's calls an attempt belongs to.
///
/// The SDK gives all attempts of one call the same `amz-sdk-invocation-id`,
/// and counts them in `amz-sdk-request`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The same for all attempts of one call.
    pub invocation_id: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// How many attempts the SDK will make at most; 0 where it does not say.
    pub max_attempts: u32,
}

impl Call {
    /// Reads the two headers, as far as they are there.
    pub(crate) fn of_headers(invocation_id: Option<&str>, request: Option<&str>) -> Self {
        let number = |key: &str| {
            request
                .unwrap_or_default()
                .split(';')
                .find_map(|part| part.trim().strip_prefix(key)?.strip_prefix('='))
                .and_then(|number| number.parse().ok())
        };
        Call {
            invocation_id: invocation_id.unwrap_or_default().to_owned(),
            attempt: number("attempt").unwrap_or(1),
            max_attempts: number("max").unwrap_or(0),
        }
    }
}

/// The parameter by which DynamoDB recognises a repeat.
const REQUEST_TOKEN: &str = "ClientRequestToken";

/// Whether a token is as DynamoDB wants it.
pub(crate) fn is_request_token(token: &str) -> bool {
    (1..=36).contains(&token.len())
}

/// One request to AWS.
#[derive(Clone, Debug)]
pub struct Request {
    /// The service that it is for.
    pub service: Service,
    /// The operation, as AWS spells it: `PutItem`.
    pub operation: String,
    /// The parameters.
    pub body: Value,
    /// The SDK's call that sent it.
    pub call: Call,
}

impl Request {
    /// A request of the lab's own.
    pub fn new(service: Service, operation: &str, body: Value) -> Self {
        Request {
            service,
            operation: operation.to_owned(),
            body,
            call: Call::default(),
        }
    }

    /// The lab's own request to delete a stream or table, by its full name.
    pub(crate) fn deletion(service: Service, name: &str) -> Self {
        match service {
            Service::Kinesis => {
                Request::new(service, "DeleteStream", json!({ "StreamName": name }))
            }
            Service::DynamoDb => Request::new(service, "DeleteTable", json!({ "TableName": name })),
        }
    }

    /// The actions of a transaction that writes: one for each item that it touches.
    /// `None` for any other request.
    pub fn transaction_actions(&self) -> Option<&[Value]> {
        let actions = match self.operation.as_str() {
            "TransactWriteItems" => "TransactItems",
            // A PartiQL transaction reads or writes; DynamoDB does not let it mix the two.
            "ExecuteTransaction" if self.statements().any(|s| !s.reads()) => "TransactStatements",
            _ => return None,
        };
        self.body[actions].as_array().map(Vec::as_slice)
    }

    /// Whether it can change an item in DynamoDB.
    pub fn writes_items(&self) -> bool {
        match self.operation.as_str() {
            "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems" => {
                true
            }
            "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
                self.statements().any(|statement| !statement.reads())
            }
            _ => false,
        }
    }

    /// Whether no answer to it can change anything: neither a stream, nor a table, nor what is remembered of a token.
    pub(crate) fn only_reads(&self) -> bool {
        const READS: [&str; 9] = [
            "BatchExecute",
            "BatchGet",
            "Describe",
            "Execute",
            "Get",
            "List",
            "Query",
            "Scan",
            "TransactGet",
        ];
        let may_read = READS.iter().any(|verb| self.operation.starts_with(verb));
        may_read && !self.writes_items() && !self.has_request_token()
    }

    /// Whether it reads items without asking for a consistent read.
    pub fn reads_eventually(&self) -> bool {
        let consistent = |at: &Value| at["ConsistentRead"] == json!(true);
        match self.operation.as_str() {
            "GetItem" | "Query" | "Scan" => !consistent(&self.body),
            "ExecuteStatement" => !self.writes_items() && !consistent(&self.body),
            "BatchGetItem" => self.body["RequestItems"]
                .as_object()
                .is_some_and(|tables| tables.values().any(|table| !consistent(table))),
            "BatchExecuteStatement" => {
                !self.writes_items()
                    && self.body["Statements"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|statement| !consistent(statement)))
            }
            _ => false,
        }
    }

    /// Whether it carries a token by which DynamoDB recognises a repeat for ten minutes.
    pub fn has_request_token(&self) -> bool {
        self.body[REQUEST_TOKEN].is_string()
    }

    /// That token, if it is valid. Any other one is refused for what it is.
    pub(crate) fn request_token(&self) -> Option<&str> {
        let token = self.body[REQUEST_TOKEN].as_str();
        token.filter(|token| is_request_token(token))
    }

    /// All of its parameters but that token.
    pub(crate) fn parameters_but_the_token(&self) -> impl Iterator<Item = (&str, &Value)> {
        let has_token = self.request_token().is_some();
        let parameters = self.body.as_object().into_iter().flatten();
        parameters
            .map(|(name, value)| (name.as_str(), value))
            .filter(move |(name, _)| !has_token || *name != REQUEST_TOKEN)
    }

    /// The same request under another token.
    pub(crate) fn with_request_token(&self, token: Value) -> Self {
        let mut request = self.clone();
        request.body[REQUEST_TOKEN] = token;
        request
    }

    /// The same request for so many records or items at most.
    pub(crate) fn limited_to(&self, most: u64) -> Self {
        let limit = self.body["Limit"].as_u64().unwrap_or(u64::MAX);
        let mut request = self.clone();
        request.body["Limit"] = json!(limit.min(most));
        request
    }

    /// The tables or the stream that it names, each once, in their order: `account-balances`.
    pub fn resources(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        for key in ["StreamName", "TableName"] {
            if let Some(name) = self.body[key].as_str() {
                add(name);
            }
        }
        if let Some(tables) = self.body["RequestItems"].as_object() {
            tables.keys().for_each(|name| add(name));
        }
        for action in elements(&self.body["TransactItems"]).flat_map(members) {
            if let Some(name) = action["TableName"].as_str() {
                add(name);
            }
        }
        for statement in self.statements() {
            add(statement.table());
        }
        names
    }

    /// The values of the string attribute `key` by which it names items of `table`, in their order. What PartiQL or a
    /// query names by its conditions is not among them.
    pub(crate) fn keys(&self, table: &str, key: &str) -> Vec<&str> {
        let actions = elements(&self.body["TransactItems"]).flat_map(members);
        let alone = std::iter::once(&self.body)
            .chain(actions)
            .filter(|action| action["TableName"] == table)
            .flat_map(|action| [&action["Key"], &action["Item"]]);
        let of_table = &self.body["RequestItems"][table];
        let reads = elements(&of_table["Keys"]);
        let writes = elements(of_table)
            .flat_map(members)
            .flat_map(|write| [&write["Key"], &write["Item"]]);
        alone
            .chain(reads)
            .chain(writes)
            .filter_map(|item| item[key]["S"].as_str())
            .collect()
    }

    /// The partition keys of the records that it puts on a stream, in their order.
    pub(crate) fn partition_keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.body)
            .chain(elements(&self.body["Records"]))
            .filter_map(|record| record["PartitionKey"].as_str())
    }

    /// The PartiQL statements in it.
    pub(crate) fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        let single = self.body["Statement"].as_str();
        let many = ["Statements", "TransactStatements"]
            .into_iter()
            .filter_map(|key| self.body[key].as_array())
            .flatten()
            .filter_map(|statement| statement["Statement"].as_str());
        single.into_iter().chain(many).map(Statement)
    }
}

/// The elements of an array; none of anything else.
pub(crate) fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The values of an object's members; none of anything else.
pub(crate) fn members(object: &Value) -> impl Iterator<Item = &Value> {
    object.as_object().into_iter().flat_map(|all| all.values())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partiql(statement: &str) -> Request {
        Request::new(
            Service::DynamoDb,
            "ExecuteStatement",
            json!({ "Statement": statement }),
        )
    }

    #[test]
    fn a_partiql_statement_is_known_by_what_it_does() {
        let update =
            partiql(r#"UPDATE "account-balances" SET balance = balance + ? WHERE accountId = ?"#);
        assert!(update.writes_items());
        assert_eq!(update.resources(), ["account-balances"]);

        let insert = partiql(r#"insert into "processed-events" value {'eventId': ?}"#);
        assert!(insert.writes_items());
        assert_eq!(insert.resources(), ["processed-events"]);

        let select = partiql(r#"SELECT * FROM "account-balances"."by-owner" WHERE owner = ?"#);
        assert!(!select.writes_items());
        assert!(select.reads_eventually());
        assert_eq!(select.resources(), ["account-balances"]);
    }

    #[test]
    fn a_transaction_names_each_table_once() {
        let request = Request::new(
            Service::DynamoDb,
            "TransactWriteItems",
            json!({ "TransactItems": [
                { "Put": { "TableName": "b" } }, { "Update": { "TableName": "a" } }, { "Put": { "TableName": "b" } }
            ] }),
        );
        assert_eq!(request.resources(), ["b", "a"]);
        assert_eq!(request.transaction_actions().map(<[_]>::len), Some(3));
    }

    #[test]
    fn items_are_named_by_their_keys() {
        let alice = json!({ "id": { "S": "alice" }, "cents": { "N": "1" } });
        let bob = json!({ "id": { "S": "bob" } });
        let named = |operation: &str, body: Value| {
            let request = Request::new(Service::DynamoDb, operation, body);
            request.keys("a", "id").join(" ")
        };
        assert_eq!(
            named("PutItem", json!({ "TableName": "a", "Item": alice })),
            "alice"
        );
        assert_eq!(
            named("GetItem", json!({ "TableName": "b", "Key": bob })),
            ""
        );
        let actions = json!([
            { "Put": { "TableName": "a", "Item": alice } },
            { "Update": { "TableName": "b", "Key": alice } },
            { "Delete": { "TableName": "a", "Key": bob } },
        ]);
        assert_eq!(
            named("TransactWriteItems", json!({ "TransactItems": actions })),
            "alice bob"
        );
        let gets = json!({ "a": { "Keys": [bob, alice] } });
        assert_eq!(
            named("BatchGetItem", json!({ "RequestItems": gets })),
            "bob alice"
        );
        let writes = json!({ "a": [
            { "PutRequest": { "Item": bob } },
            { "DeleteRequest": { "Key": alice } },
        ] });
        assert_eq!(
            named("BatchWriteItem", json!({ "RequestItems": writes })),
            "bob alice"
        );
    }

    #[test]
    fn attempts_of_one_call_are_recognised() {
        let call = Call::of_headers(Some("id"), Some("ttl=20260101T000000Z; attempt=2; max=3"));
        assert_eq!((call.attempt, call.max_attempts), (2, 3));
    }
}
