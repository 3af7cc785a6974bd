//! A LocalStack, in which each run has names of its own.
//!
//! It would give each run an account of its own too: to LocalStack any twelve digits are one. But it starts a Kinesis
//! server of 180 MB for each account, and keeps it.

use super::guest::Guest;
use super::over_http::OverHttp;
use super::{BackendError, Names, NoAnswer, probe};
use crate::request::{Request, Response};
use std::time::Duration;
use tokio::sync::OnceCell;

const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4566";

/// The account that LocalStack takes any other access key for: `aws --endpoint-url …` sees the same.
const ACCOUNT: &str = "000000000000";

/// How long a server may take to say anything at all.
const GREETING: Duration = Duration::from_secs(3);

/// How long the look at it may take: LocalStack loads DynamoDB when it is first asked for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The names of one run in a LocalStack.
pub(crate) struct LocalStack {
    server: OverHttp,
    guest: Guest,
}

impl LocalStack {
    /// Opens a place for a run, after one look at whether the server can carry the course.
    pub(crate) async fn open(names: Names) -> Result<Self, BackendError> {
        static ENDPOINT: OnceCell<Result<http::Uri, BackendError>> = OnceCell::const_new();
        let endpoint = ENDPOINT.get_or_init(find).await.clone()?;
        // Connections belong to the runtime that opened them, and each thread of a check has its own.
        Ok(LocalStack {
            server: OverHttp::new(endpoint),
            guest: Guest::new(names, ""),
        })
    }

    /// What every name begins with.
    pub(crate) fn prefix(&self) -> &str {
        self.guest.prefix()
    }

    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        let server = &self.server;
        let send = |request: Request| async move { server.send(&request, ACCOUNT).await };
        self.guest.answer(request, send).await
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
    let unreachable = |reason: String| BackendError::Unreachable {
        endpoint: endpoint.clone(),
        reason,
    };
    let silent = |patience: Duration| {
        unreachable(format!("no answer within {} seconds", patience.as_secs()))
    };
    let server = OverHttp::new(uri.clone());
    match tokio::time::timeout(GREETING, server.greet()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(unreachable(error.to_string())),
        Err(_) => return Err(silent(GREETING)),
    }
    let place = LocalStack {
        server,
        guest: Guest::new(Names::Fresh, ""),
    };
    match tokio::time::timeout(PATIENCE, probe::run(&place, &endpoint)).await {
        Ok(result) => result.map(|()| uri),
        Err(_) => Err(silent(PATIENCE)),
    }
}
