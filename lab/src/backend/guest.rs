//! A run as one of many guests in an account: with names and tokens of its own, and patient.

use super::{Names, NoAnswer};
use crate::request::{Request, Response, is_request_token};
use serde_json::json;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::time::Duration;

/// How long the lab repeats a request of its own that it is asked to repeat.
const PATIENCE: Duration = Duration::from_secs(180);

/// What sets one run apart from the others in its account.
pub(super) struct Guest {
    prefix: String,
}

impl Guest {
    /// A run whose names begin with eight hex digits of its own, or with `shared`.
    pub(super) fn new(names: Names, shared: &str) -> Self {
        let prefix = match names {
            Names::Fresh => format!(
                "lab-{:08x}-",
                RandomState::new().build_hasher().finish() as u32
            ),
            Names::Shared => shared.to_owned(),
        };
        Guest { prefix }
    }

    /// What every name begins with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Sends a request. One of the lab's own is repeated as long as that may help; one of code under test is not,
    /// since what code does about a refusal is what a check looks at.
    pub(super) async fn answer<F>(
        &self,
        request: &Request,
        send: impl Fn(Request) -> F,
    ) -> Result<Response, NoAnswer>
    where
        F: Future<Output = Result<Response, NoAnswer>>,
    {
        let mut request = request.clone();
        if let Some(token) = request.body["ClientRequestToken"].as_str() {
            request.body["ClientRequestToken"] = json!(own_token(&self.prefix, token));
        }
        let ours = request.call.invocation_id.is_empty();
        let started = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            let response = send(request.clone()).await?;
            if !ours || !may_pass(&request, &response) || started.elapsed() > PATIENCE {
                return Ok(response);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

/// The token of this run that stands for `token`. An account remembers tokens for ten minutes, whatever the table:
/// without this, each run after the first would meet the tokens of the one before.
fn own_token(prefix: &str, token: &str) -> String {
    // Too long a token is refused, and must stay so.
    if prefix.is_empty() || !is_request_token(token) {
        return token.to_owned();
    }
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, prefix, token).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1))
}

/// Whether the same request may succeed a little later.
fn may_pass(request: &Request, response: &Response) -> bool {
    let deletes = request.operation.starts_with("Delete");
    match response.error_code() {
        Some(
            "LimitExceededException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException",
        ) => true,
        // What is still being made can be deleted once it is there.
        Some("ResourceInUseException") => deletes,
        // A server's error may come after the effect: only what can be repeated is.
        Some(_) if response.status >= 500 => deletes || request.operation.starts_with("Describe"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Service;

    #[test]
    fn a_run_has_tokens_of_its_own_and_always_the_same_ones() {
        let token = own_token("lab-00000001-", "evt_1");
        assert_eq!(token, own_token("lab-00000001-", "evt_1"));
        assert_ne!(token, own_token("lab-00000001-", "evt_2"));
        assert_ne!(token, own_token("lab-00000002-", "evt_1"));
        assert!(token.len() <= 36);
        let too_long = "t".repeat(37);
        assert_eq!(own_token("lab-00000001-", &too_long), too_long);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_still_being_made_is_deleted_once_it_is_there() {
        let guest = Guest::new(Names::Fresh, "");
        let refusals = std::sync::Mutex::new(vec!["ThrottlingException", "ResourceInUseException"]);
        let delete = Request::new(
            Service::DynamoDb,
            "DeleteTable",
            json!({ "TableName": "lab-1-events" }),
        );
        let answer = guest
            .answer(&delete, |_| {
                let refusal = refusals.lock().expect("one thread").pop();
                let answer = refusal.map_or_else(
                    || Response::ok(json!({})),
                    |code| Response::error(Service::DynamoDb, code, "not now"),
                );
                async { Ok(answer) }
            })
            .await;
        assert!(answer.is_ok_and(|answer| answer.is_ok()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_code_under_test_is_refused_it_is_told() {
        let guest = Guest::new(Names::Fresh, "");
        let mut put = Request::new(
            Service::DynamoDb,
            "PutItem",
            json!({ "TableName": "lab-1-events" }),
        );
        put.call.invocation_id = "a call of the SDK".to_owned();
        let throttled = Response::error(Service::DynamoDb, "ThrottlingException", "not now");
        let answer = guest
            .answer(&put, |_| async { Ok(throttled.clone()) })
            .await;
        assert!(answer.is_ok_and(|answer| answer == throttled));
    }
}
