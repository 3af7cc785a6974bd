//! Requests to a server that speaks the protocol over plain HTTP.

use super::NoAnswer;
use crate::request::{Request, Response};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A server, and the account whose streams and tables are meant.
#[derive(Clone)]
pub(crate) struct OverHttp {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: http::Uri,
}

impl OverHttp {
    /// A server at `endpoint`: `http://127.0.0.1:4566`.
    pub(crate) fn new(endpoint: http::Uri) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        OverHttp {
            client: Client::builder(TokioExecutor::new()).build(connector),
            uri: endpoint,
        }
    }

    /// Waits for any answer at all: somebody listens, and speaks HTTP.
    pub(crate) async fn greet(&self) -> Result<(), NoAnswer> {
        self.client
            .get(self.uri.clone())
            .await
            .map(drop)
            .map_err(no_answer)
    }

    /// Sends `request` as `account`: twelve digits.
    pub(crate) async fn send(
        &self,
        request: &Request,
        account: &str,
    ) -> Result<Response, NoAnswer> {
        let request = emulator_request(self.uri.clone(), request, account).map(Full::new);
        let response = self.client.request(request).await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(no_answer)?;
        Ok(decode(status, &body.to_bytes()))
    }
}

pub(super) fn no_answer(error: impl std::error::Error + 'static) -> NoAnswer {
    NoAnswer(innermost(&error))
}

/// The innermost reason says most: `Connection refused`.
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A request as an emulator wants it: its signature is never checked, only the account in it is read.
pub(super) fn emulator_request(
    uri: http::Uri,
    request: &Request,
    account: &str,
) -> http::Request<Bytes> {
    let service = request.service.signing_name();
    let target = format!("{}{}", request.service.target_prefix(), request.operation);
    http::Request::post(uri)
        .header("x-amz-target", target)
        .header("x-amz-date", "20260101T000000Z")
        .header(CONTENT_TYPE, request.service.content_type())
        .header(
            AUTHORIZATION,
            format!(
                "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/{service}/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=0"
            ),
        )
        .body(Bytes::from(request.body.to_string()))
        .expect("the parts are valid")
}

/// What a server answered. A body that is no JSON becomes an error that quotes it.
pub(super) fn decode(status: u16, body: &[u8]) -> Response {
    let body = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Object(serde_json::Map::new()),
        Err(_) => serde_json::json!({
            "__type": "InternalFailure",
            "message": String::from_utf8_lossy(body).chars().take(300).collect::<String>(),
        }),
    };
    Response { status, body }
}
