//! What a run costs: attempts, and capacity units, counted from the requests so that every backend says the same.
//!
//! The rules are those of the DynamoDB Developer Guide, "Read and write operations": a write of up to 1 KB is one
//! unit, a consistent read of up to 4 KB is one, an eventually consistent one half, and a transaction costs twice as
//! much, its condition checks included. A write whose condition fails costs by the size of the item that is there, one
//! unit at least. A transaction uses capacity even if it does not succeed ("Capacity management for transactions"). Three
//! assumptions of ours: a cancelled transaction costs as much as one that succeeds, since the guide does not say how much
//! for which reason; so does a write whose condition fails; and an item that is there already is not larger than 1 KB,
//! since the lab cannot see it.

use crate::request::{Request, Response, Service, elements, members};
use serde_json::Value;

/// Attempts and capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests on the wire, to both services.
    pub attempts: u32,
    /// DynamoDB write capacity units.
    pub write_units: u32,
    /// DynamoDB read capacity units, in halves: an eventually consistent read of up to 4 KB is one.
    pub read_half_units: u32,
}

impl std::ops::Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost {
            attempts: self.attempts + other.attempts,
            write_units: self.write_units + other.write_units,
            read_half_units: self.read_half_units + other.read_half_units,
        }
    }
}

impl std::ops::Sub for Cost {
    type Output = Cost;

    fn sub(self, other: Cost) -> Cost {
        Cost {
            attempts: self.attempts - other.attempts,
            write_units: self.write_units - other.write_units,
            read_half_units: self.read_half_units - other.read_half_units,
        }
    }
}

impl Cost {
    /// Read and write units together, in halves.
    pub fn half_units(&self) -> u32 {
        self.write_units * 2 + self.read_half_units
    }

    /// Adds one attempt that reached AWS.
    pub(crate) fn count(&mut self, request: &Request, response: &Response) {
        self.attempts += 1;
        let charged = response.is_ok()
            || matches!(
                response.error_code(),
                Some("ConditionalCheckFailedException" | "TransactionCanceledException")
            );
        if request.service != Service::DynamoDb || !charged {
            return;
        }
        let body = &request.body;
        match request.operation.as_str() {
            "PutItem" => self.write_units += write_units(&body["Item"]),
            "UpdateItem" | "DeleteItem" => self.write_units += 1,
            "BatchWriteItem" => {
                let writes = members(&body["RequestItems"]).flat_map(elements);
                self.write_units += writes
                    .map(|w| write_units(&w["PutRequest"]["Item"]))
                    .sum::<u32>();
            }
            "TransactWriteItems" | "ExecuteTransaction" => match request.transaction_actions() {
                Some(actions) => {
                    let units = actions
                        .iter()
                        .map(|action| write_units(&action["Put"]["Item"]));
                    self.write_units += 2 * units.sum::<u32>();
                }
                None => {
                    self.read_half_units += 4 * elements(&response.body["Responses"]).count() as u32
                }
            },
            "TransactGetItems" => {
                self.read_half_units += 4 * elements(&body["TransactItems"]).count() as u32;
            }
            "ExecuteStatement" | "BatchExecuteStatement" => {
                for statement in request.statements() {
                    match statement.reads() {
                        true => {
                            self.read_half_units += if request.reads_eventually() { 1 } else { 2 }
                        }
                        false => self.write_units += 1,
                    }
                }
            }
            "GetItem" => self.read(request, size_of(&response.body["Item"])),
            "Query" | "Scan" => self.read(
                request,
                elements(&response.body["Items"]).map(size_of).sum(),
            ),
            "BatchGetItem" => {
                for item in members(&response.body["Responses"]).flat_map(elements) {
                    self.read(request, size_of(item));
                }
            }
            _ => {}
        }
    }

    fn read(&mut self, request: &Request, bytes: usize) {
        let pages = bytes.div_ceil(4096).max(1) as u32;
        self.read_half_units += if request.reads_eventually() {
            pages
        } else {
            pages * 2
        };
    }
}

fn write_units(item: &Value) -> u32 {
    size_of(item).div_ceil(1024).max(1) as u32
}

/// About the size of an item in bytes: names and values.
fn size_of(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size_of).sum(),
        // The type's letter around a value (`{"S": …}`) is no part of the item.
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                if is_type(name) {
                    size_of(value)
                } else {
                    name.len() + size_of(value)
                }
            })
            .sum(),
    }
}

fn is_type(name: &str) -> bool {
    matches!(
        name,
        "S" | "N" | "B" | "SS" | "NS" | "BS" | "M" | "L" | "NULL" | "BOOL"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cost(operation: &str, body: Value, answer: Response) -> Cost {
        let mut cost = Cost::default();
        cost.count(&Request::new(Service::DynamoDb, operation, body), &answer);
        cost
    }

    #[test]
    fn two_small_writes_in_a_transaction_cost_four_units() {
        let actions = json!({ "TransactItems": [
            { "Put": { "Item": { "id": { "S": "a" } } } }, { "Update": {} }
        ] });
        let ok = Response::ok(json!({}));
        assert_eq!(
            cost("TransactWriteItems", actions.clone(), ok).write_units,
            4
        );
        let cancelled = Response::cancelled(&[("ConditionalCheckFailed", None), ("None", None)]);
        assert_eq!(
            cost("TransactWriteItems", actions, cancelled).write_units,
            4
        );
    }

    #[test]
    fn an_item_of_more_than_a_kilobyte_costs_two_units() {
        let item = json!({ "Item": { "id": { "S": "x".repeat(1_023) } } });
        assert_eq!(
            cost("PutItem", item, Response::ok(json!({}))).write_units,
            2
        );
    }

    #[test]
    fn an_eventually_consistent_read_costs_half_a_unit() {
        let read = |consistent: bool| {
            let ok = Response::ok(json!({ "Item": { "id": { "S": "a" } } }));
            cost("GetItem", json!({ "ConsistentRead": consistent }), ok).read_half_units
        };
        assert_eq!((read(false), read(true)), (1, 2));
    }

    #[test]
    fn a_throttled_request_costs_no_units() {
        let refused = Response::error(
            Service::DynamoDb,
            "ProvisionedThroughputExceededException",
            "",
        );
        assert_eq!(cost("UpdateItem", json!({}), refused).half_units(), 0);
    }
}
