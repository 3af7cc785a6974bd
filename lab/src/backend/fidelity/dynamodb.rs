//! Tables as AWS shows them: the names of errors, the form of numbers, and time to live.

use super::super::{Backend, Kind, NoAnswer};
use super::transactions;
use crate::locked::locked;
use crate::request::{Request, Response, Service};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// How many looks it takes until time to live is on, or off. On AWS that is up to an hour: longer than a worker that is
/// started again and again would like, and not for ever.
const LOOKS_WHILE_CHANGING: u32 = 24;

/// What has to be remembered of a backend's tables.
#[derive(Default)]
pub(super) struct Tables {
    /// Those whose time to live is being switched on or off: its description meanwhile, and for how many looks more.
    changing: Mutex<BTreeMap<String, (Value, u32)>>,
}

impl Tables {
    pub(super) async fn answer(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Response, NoAnswer> {
        if request.operation == "UpdateTimeToLive"
            && let Some(refusal) = self.refused_time_to_live(backend, request).await?
        {
            return Ok(refusal);
        }
        let mut response = match request.transaction_actions() {
            Some(actions) => transactions::answer(backend, request, actions).await?,
            None => backend.answer(request).await?,
        };
        if response.is_ok() {
            self.watch_time_to_live(request, &mut response);
        }
        repair_error(&mut response);
        if backend.kind() == Kind::LocalStack {
            trim_numbers(&mut response.body);
        }
        Ok(response)
    }

    /// Time to live that has been switched on is `ENABLING` first, and only then `ENABLED`; likewise off.
    fn watch_time_to_live(&self, request: &Request, response: &mut Response) {
        let table = request.body["TableName"].as_str().unwrap_or_default();
        let mut changing = self.changing();
        match request.operation.as_str() {
            "UpdateTimeToLive" => {
                let wanted = &request.body["TimeToLiveSpecification"];
                let status = match wanted["Enabled"] == true {
                    true => "ENABLING",
                    false => "DISABLING",
                };
                let meanwhile = json!({
                    "AttributeName": wanted["AttributeName"],
                    "TimeToLiveStatus": status,
                });
                changing.insert(table.to_owned(), (meanwhile, LOOKS_WHILE_CHANGING));
            }
            "DescribeTimeToLive" if let Some((meanwhile, looks)) = changing.get_mut(table) => {
                response.body["TimeToLiveDescription"] = meanwhile.clone();
                *looks -= 1;
                if *looks == 0 {
                    changing.remove(table);
                }
            }
            _ => {}
        }
    }

    /// Whether no time to live is being switched on or off.
    pub(super) fn is_at_rest(&self) -> bool {
        self.changing().is_empty()
    }

    fn changing(&self) -> MutexGuard<'_, BTreeMap<String, (Value, u32)>> {
        locked(&self.changing)
    }

    /// The refusal to switch on what is on, and to change anything while a change is under way.
    async fn refused_time_to_live(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Option<Response>, NoAnswer> {
        let table = &request.body["TableName"];
        let described = backend
            .answer(&Request::new(
                Service::DynamoDb,
                "DescribeTimeToLive",
                json!({ "TableName": table }),
            ))
            .await?;
        let now = &described.body["TimeToLiveDescription"];
        let wanted = &request.body["TimeToLiveSpecification"];
        let attribute = now["AttributeName"].as_str().unwrap_or_default();
        let is_changing = self
            .changing()
            .contains_key(table.as_str().unwrap_or_default());
        let message = match (
            now["TimeToLiveStatus"].as_str(),
            wanted["Enabled"].as_bool(),
        ) {
            _ if is_changing => {
                "Time to live has been modified multiple times within a fixed interval".to_owned()
            }
            (Some("ENABLED"), Some(true)) if wanted["AttributeName"] == *attribute => {
                "TimeToLive is already enabled".to_owned()
            }
            (Some("ENABLED"), Some(true)) => {
                format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is {attribute}"
                )
            }
            (Some("DISABLED"), Some(false)) => "TimeToLive is already disabled".to_owned(),
            _ => return Ok(None),
        };
        Ok(Some(Response::error(
            Service::DynamoDb,
            "ValidationException",
            &message,
        )))
    }
}

fn repair_error(response: &mut Response) {
    if response.error_code() == Some("DuplicateItem") {
        response.body["__type"] = json!("com.amazonaws.dynamodb.v20120810#DuplicateItemException");
    }
    let Some(code) = response.error_code().map(str::to_owned) else {
        return;
    };
    let mut message = response.error_message().to_owned();
    if message.is_empty() {
        message = format!("An error occurred ({code})");
    }
    if let Some(body) = response.body.as_object_mut() {
        body.remove("message");
        body.remove("Message");
        body.insert(Response::message_key(&code).to_owned(), json!(message));
    }
}

/// DynamoDB stores `0.0` as `0`. LocalStack's arithmetic keeps the zeros.
fn trim_numbers(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(number)) = object.get_mut("N")
                && number.contains('.')
            {
                *number = number
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned();
            }
            object.values_mut().for_each(trim_numbers);
        }
        Value::Array(values) => values.iter_mut().for_each(trim_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_loses_its_trailing_zeros_and_a_string_keeps_them() {
        let mut items = json!([{ "a": { "N": "10.50" }, "b": { "N": "0.0" }, "c": { "N": "100" }, "d": { "S": "1.0" } }]);
        trim_numbers(&mut items);
        assert_eq!(
            items,
            json!([{ "a": { "N": "10.5" }, "b": { "N": "0" }, "c": { "N": "100" }, "d": { "S": "1.0" } }])
        );
    }
}
