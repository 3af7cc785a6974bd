//! Transactions as AWS cancels them: one reason for each action, in their order.

use super::super::{Backend, Kind, NoAnswer};
use crate::request::{Request, Response, Service};
use serde_json::{Value, json};

/// What makes DynamoDB cancel a transaction: the action does not fit the item that it finds.
/// Any other `ValidationException` refuses a request before an item is looked at.
const DOES_NOT_FIT: [&str; 5] = [
    "An operand in the update expression has an incorrect data type",
    "The provided expression refers to an attribute that does not exist in the item",
    "The document path provided in the update expression is invalid for update",
    "Item size to update has exceeded the maximum allowed size",
    "One of the required keys was not given a value",
];

/// What DynamoDB says of an `INSERT` where an item is.
const DUPLICATE: &str = "Duplicate primary key exists in table";

/// What the backend holds against each action of a transaction, which is not carried out.
pub(super) async fn reasons(backend: &Backend, request: &Request) -> Result<Vec<Value>, NoAnswer> {
    let rewritten = match checks_existence(backend, request) {
        Some(Ok(rewritten)) => rewritten,
        _ => request.clone(),
    };
    let actions = rewritten.transaction_actions().unwrap_or_default();
    one_by_one(backend, &rewritten, actions).await
}

pub(super) async fn answer(
    backend: &Backend,
    request: &Request,
    actions: &[Value],
) -> Result<Response, NoAnswer> {
    let rewritten;
    let (request, actions) = match checks_existence(backend, request) {
        None => (request, actions),
        Some(Err(refusal)) => return Ok(refusal),
        Some(Ok(request)) => {
            rewritten = request;
            (
                &rewritten,
                rewritten.transaction_actions().unwrap_or(actions),
            )
        }
    };
    if actions
        .iter()
        .any(|action| changed_key(&action["Update"]).is_some())
    {
        return cancelled_one_by_one(backend, request, actions).await;
    }
    let mut response = backend.answer(request).await?;
    match response.error_code() {
        Some("ValidationException")
            if DOES_NOT_FIT
                .iter()
                .any(|why| response.error_message().contains(why)) =>
        {
            cancelled_one_by_one(backend, request, actions).await
        }
        Some("TransactionCanceledException") => match response.body["CancellationReasons"].take() {
            Value::Array(reasons) if reasons.len() == actions.len() => Ok(
                Response::cancelled_because(reasons.into_iter().map(repair_reason).collect()),
            ),
            _ => cancelled_one_by_one(backend, request, actions).await,
        },
        _ => Ok(response),
    }
}

fn repair_reason(mut reason: Value) -> Value {
    if reason["Message"] == DUPLICATE {
        reason["Code"] = json!("DuplicateItem");
    }
    if let Some(message) = reason["Message"].as_str() {
        reason["Message"] = json!(message.trim_end_matches('.'));
    }
    reason
}

async fn cancelled_one_by_one(
    backend: &Backend,
    request: &Request,
    actions: &[Value],
) -> Result<Response, NoAnswer> {
    Ok(Response::cancelled_because(
        one_by_one(backend, request, actions).await?,
    ))
}

/// Asks about each action alone, beside a condition that nothing meets: so nothing is applied, and the backend
/// says what it holds against this one.
async fn one_by_one(
    backend: &Backend,
    request: &Request,
    actions: &[Value],
) -> Result<Vec<Value>, NoAnswer> {
    let mut reasons = Vec::new();
    for action in actions {
        reasons.push(match changed_key(&action["Update"]) {
            Some(key) => validation_error(&format!(
                "One or more parameter values were invalid: Cannot update attribute {key}. \
                 This attribute is part of the key"
            )),
            None => reason_of(backend, request, action).await?,
        });
    }
    Ok(reasons)
}

fn validation_error(message: &str) -> Value {
    json!({ "Code": "ValidationError", "Message": message })
}

async fn reason_of(
    backend: &Backend,
    request: &Request,
    action: &Value,
) -> Result<Value, NoAnswer> {
    let list = if request.operation == "TransactWriteItems" {
        "TransactItems"
    } else {
        "TransactStatements"
    };
    let mut alone = Request::new(
        Service::DynamoDb,
        &request.operation,
        json!({ list: [action] }),
    );
    let table = alone.resources().pop().unwrap_or_default();
    let impossible = impossible(backend, &table, list).await?;
    alone.body[list] = json!([action, impossible]);
    let mut response = backend.answer(&alone).await?;
    Ok(match response.error_code() {
        Some("TransactionCanceledException") => {
            repair_reason(response.body["CancellationReasons"][0].take())
        }
        Some(_) => validation_error(response.error_message()),
        None => json!({ "Code": "None" }),
    })
}

/// A condition on an item that nobody has.
async fn impossible(backend: &Backend, table: &str, list: &str) -> Result<Value, NoAnswer> {
    let describe = Request::new(
        Service::DynamoDb,
        "DescribeTable",
        json!({ "TableName": table }),
    );
    let described = backend.answer(&describe).await?;
    let described = &described.body["Table"];
    let all = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let types = all(&described["AttributeDefinitions"]);
    let keys: Vec<(String, Value)> = all(&described["KeySchema"])
        .iter()
        .filter_map(|key| {
            let name = key["AttributeName"].as_str()?;
            let definition = types
                .iter()
                .find(|definition| definition["AttributeName"] == name)?;
            let value = match definition["AttributeType"].as_str()? {
                "N" => json!({ "N": "-99999999999999999999999999999999999998" }),
                "B" => json!({ "B": "bm9ib2R5IGhhcyB0aGlzIGtleQ==" }),
                _ => json!({ "S": "nobody has this key" }),
            };
            Some((name.to_owned(), value))
        })
        .collect();
    if list == "TransactItems" {
        let first = keys.first().map_or("", |(name, _)| name.as_str());
        let key: serde_json::Map<_, _> = keys.iter().cloned().collect();
        return Ok(json!({ "ConditionCheck": {
            "TableName": table, "Key": key,
            "ConditionExpression": "attribute_exists(#k)", "ExpressionAttributeNames": { "#k": first },
        } }));
    }
    let conditions: Vec<_> = keys
        .iter()
        .map(|(name, _)| format!("\"{name}\" = ?"))
        .collect();
    let parameters: Vec<_> = keys.iter().map(|(_, value)| value).collect();
    Ok(json!({
        "Statement": format!("UPDATE \"{table}\" REMOVE \"{NEVER_SET}\" WHERE {}", conditions.join(" AND ")),
        "Parameters": parameters,
    }))
}

/// Removing an attribute that no item has changes nothing, and a PartiQL update fails where its `WHERE` does.
const NEVER_SET: &str = "lab-never-set";

/// The embedded backend has no `EXISTS`: gives it an update that asks the same.
fn checks_existence(backend: &Backend, request: &Request) -> Option<Result<Request, Response>> {
    let statements = request.body["TransactStatements"].as_array()?;
    if backend.kind() != Kind::Embedded {
        return None;
    }
    let mut rewritten = request.clone();
    let mut any = false;
    for (i, statement) in statements.iter().enumerate() {
        let Some(select) = statement["Statement"].as_str().and_then(inside_exists) else {
            continue;
        };
        let Some(update) = as_update(select) else {
            return Some(Err(Response::error(
                Service::DynamoDb,
                "ValidationException",
                &format!(
                    "Validation failed in TransactStatements[{i}]: EXISTS() must contain a single item read with \
                     additional condition"
                ),
            )));
        };
        rewritten.body["TransactStatements"][i]["Statement"] = json!(update);
        any = true;
    }
    any.then_some(Ok(rewritten))
}

fn inside_exists(statement: &str) -> Option<&str> {
    let statement = statement.trim();
    let (word, rest) = statement.split_at_checked("EXISTS".len())?;
    if !word.eq_ignore_ascii_case("EXISTS") {
        return None;
    }
    rest.trim().strip_prefix('(')?.strip_suffix(')')
}

/// `SELECT … FROM table WHERE conditions` as an update of the same item.
fn as_update(select: &str) -> Option<String> {
    let (_, from) = split_at_word(select, "FROM")?;
    let (table, conditions) = split_at_word(from, "WHERE")?;
    // The key alone is not enough for AWS either.
    split_at_word(conditions, "AND")?;
    Some(format!(
        "UPDATE {} REMOVE \"{NEVER_SET}\" WHERE {}",
        table.trim(),
        conditions.trim()
    ))
}

/// What stands before and after a keyword.
fn split_at_word<'a>(text: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let upper = text.to_ascii_uppercase();
    let at = upper.match_indices(keyword).map(|(at, _)| at).find(|&at| {
        upper[..at].ends_with(char::is_whitespace)
            && upper[at + keyword.len()..].starts_with(char::is_whitespace)
    })?;
    Some((&text[..at], &text[at + keyword.len()..]))
}

/// The attribute of an item's key that an update's expression assigns to.
fn changed_key(update: &Value) -> Option<&str> {
    let (key, expression) = (
        update["Key"].as_object()?,
        update["UpdateExpression"].as_str()?,
    );
    let names = &update["ExpressionAttributeNames"];
    // Left of each `=`, and after REMOVE, ADD and DELETE, stands the attribute that changes.
    let mut expects_target = false;
    let mut clause = false;
    for word in words(expression) {
        if ["SET", "REMOVE", "ADD", "DELETE"]
            .iter()
            .any(|verb| word.eq_ignore_ascii_case(verb))
        {
            clause = true;
            expects_target = true;
        } else if word == "," {
            expects_target = true;
        } else if expects_target {
            let attribute = names[word].as_str().unwrap_or(word);
            if clause && key.contains_key(attribute) {
                return Some(attribute);
            }
            expects_target = false;
        }
    }
    None
}

/// The words and commas of an expression. Commas inside a function's brackets do not count.
fn words(expression: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    let mut cuts = vec![0];
    for (i, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => cuts.extend([i, i + 1]),
            ' ' | '\n' | '\t' | '=' => cuts.extend([i, i + 1]),
            _ => {}
        }
    }
    cuts.push(expression.len());
    cuts.windows(2)
        .map(|cut| &expression[cut[0]..cut[1]])
        .filter(|word| !word.trim().is_empty() && *word != "=")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_of_a_key_is_recognised() {
        let changes_its_key = |expression: &str| {
            let update = json!({
                "Key": { "id": { "S": "a" } },
                "UpdateExpression": expression,
                "ExpressionAttributeNames": { "#id": "id" },
            });
            changed_key(&update).is_some()
        };
        assert!(changes_its_key("SET id = :x"));
        assert!(changes_its_key("SET n = :x, #id=:y"));
        assert!(changes_its_key("REMOVE id"));
        assert!(!changes_its_key("SET n = id"));
        assert!(!changes_its_key("SET n = if_not_exists(n, id), m = :x"));
        assert!(!changes_its_key("ADD n :one"));
    }

    #[test]
    fn an_existence_check_becomes_an_update_that_changes_nothing() {
        let select = inside_exists(
            "exists( SELECT * FROM \"events\"\n WHERE id = ? AND state = 'from where' )",
        );
        assert_eq!(
            select.and_then(as_update).as_deref(),
            Some(
                "UPDATE \"events\" REMOVE \"lab-never-set\" WHERE id = ? AND state = 'from where'"
            )
        );
        assert_eq!(inside_exists("SELECT * FROM \"events\""), None);
        assert_eq!(as_update("SELECT * FROM \"events\" WHERE id = ?"), None);
    }
}
