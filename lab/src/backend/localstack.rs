//! A LocalStack, in which each run has names of its own, and for DynamoDB an account of its own.
//!
//! The account keeps the request tokens of one run from the next: DynamoDB remembers them for ten minutes, whatever
//! the table. For Kinesis all runs share an account, since LocalStack starts an engine for each one that it sees.

use super::over_http::OverHttp;
use super::{BackendError, Names, NoAnswer, fresh_prefix, probe};
use crate::request::{Request, Response, Service};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::OnceCell;

const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4566";

/// What LocalStack takes any access key for that is no account: `aws --endpoint-url …` sees the same.
const ACCOUNT: &str = "000000000000";

/// The names of one run in a LocalStack.
pub(crate) struct LocalStack {
    server: OverHttp,
    prefix: String,
    dynamodb_account: String,
}

impl LocalStack {
    /// Opens a set of names, after one look at whether the server can carry the course.
    pub(crate) async fn open(names: Names) -> Result<Self, BackendError> {
        static ENDPOINT: OnceCell<Result<http::Uri, BackendError>> = OnceCell::const_new();
        let endpoint = ENDPOINT.get_or_init(find).await.clone()?;
        // Connections belong to the runtime that opened them, and each thread of a check has its own.
        let (prefix, dynamodb_account) = match names {
            Names::Fresh => (fresh_prefix(), fresh_account()),
            Names::Shared => (String::new(), ACCOUNT.to_owned()),
        };
        Ok(LocalStack {
            server: OverHttp::new(endpoint),
            prefix,
            dynamodb_account,
        })
    }

    /// What every name begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        let account = match request.service {
            Service::DynamoDb => &self.dynamodb_account,
            Service::Kinesis => ACCOUNT,
        };
        self.server.send(request, account).await
    }
}

async fn find() -> Result<http::Uri, BackendError> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
    let uri: http::Uri = match endpoint.parse() {
        Ok(uri) if http::Uri::scheme_str(&uri) == Some("http") => uri,
        _ => return Err(BackendError::Endpoint(endpoint)),
    };
    let server = OverHttp::new(uri.clone());
    let account = fresh_account();
    let probe = probe::run(&server, &endpoint, &account);
    match tokio::time::timeout(Duration::from_secs(20), probe).await {
        Ok(result) => result.map(|()| uri),
        Err(_) => Err(BackendError::Unreachable {
            endpoint,
            reason: "no answer within 20 seconds".to_owned(),
        }),
    }
}

/// Twelve digits that no other run uses. LocalStack takes an access key id of this form for an account.
fn fresh_account() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Milliseconds of about three years, then the process: two runs at once, or one after another, differ.
    let start = (since_epoch.as_millis() as u64) % 100_000_000_000;
    let process = u64::from(std::process::id()) * 7919;
    let account =
        (start + process + NEXT.fetch_add(1, Ordering::Relaxed) * 104_729) % 100_000_000_000;
    format!("1{account:011}")
}
