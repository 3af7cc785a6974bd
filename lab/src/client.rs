//! Plain SDK clients whose requests pass the lab's gate. Code under test cannot tell.

use crate::backend::NoAnswer;
use crate::drawn_token::DrawnTokens;
use crate::request::{Call, Request, Response, Service};
use crate::wire::Wire;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedAsyncSleep};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

/// How often the SDK tries at most: its default today, pinned because the defaults are about to change.
pub(crate) const MAX_ATTEMPTS: u32 = 3;

/// The SDK draws its pauses between attempts by chance; the lab makes each of them last as long.
const PAUSE: Duration = Duration::from_millis(100);

/// What a client of one of the SDK's crates is made from. Each crate has a `Config` of its own, with the same methods.
macro_rules! config {
    ($sdk:ident, $http:expr) => {{
        $sdk::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .allow_no_auth()
            .endpoint_url(ENDPOINT)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .retry_partition(retry_partition())
            .sleep_impl(SharedAsyncSleep::new(EvenSleep))
            .http_client($http)
    }};
}

/// A Kinesis client on a wire.
pub(crate) fn kinesis(wire: &Wire) -> aws_sdk_kinesis::Client {
    let config = config!(aws_sdk_kinesis, WireClient(wire.clone()));
    aws_sdk_kinesis::Client::from_conf(config.build())
}

/// A DynamoDB client on a wire, for the worker of this number.
pub(crate) fn dynamodb(wire: &Wire, life: u32) -> aws_sdk_dynamodb::Client {
    let config = config!(aws_sdk_dynamodb, WireClient(wire.clone()));
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(DrawnTokens::of(life)).build())
}

/// A DynamoDB client whose every attempt is answered by `http`.
pub(crate) fn dynamodb_on(http: impl HttpClient + 'static) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb, http).build())
}

/// Never resolved: the wire is what answers. Nor is anything signed: a backend that wants a signature makes its own.
const ENDPOINT: &str = "http://lab.invalid";

/// The SDK's store of retries is shared by a whole process; each client of the lab gets its own.
fn retry_partition() -> RetryPartition {
    RetryPartition::custom("lab")
        .token_bucket(TokenBucket::default())
        .build()
}

#[derive(Debug)]
struct EvenSleep;

impl AsyncSleep for EvenSleep {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(PAUSE))
    }
}

#[derive(Clone, Debug)]
struct WireClient(Wire);

impl HttpClient for WireClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for WireClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = decode(&request)?;
            let service = request.service;
            match wire.attempt(request).await {
                Ok(response) => Ok(encode(service, &response)),
                Err(NoAnswer(reason)) => Err(ConnectorError::io(reason.into())),
            }
        })
    }
}

fn decode(request: &HttpRequest) -> Result<Request, ConnectorError> {
    let body = request.body().bytes().unwrap_or_default();
    decode_parts(|name| request.headers().get(name), body)
        .map_err(|error| ConnectorError::user(error.into()))
}

/// Reads a request from its headers and its body.
pub(crate) fn decode_parts<'a>(
    header: impl Fn(&'static str) -> Option<&'a str>,
    body: &[u8],
) -> Result<Request, String> {
    let target = header("x-amz-target").unwrap_or_default();
    let (service, operation) = Service::of_target(target)
        .ok_or_else(|| format!("`{target}` is no operation of Kinesis or DynamoDB"))?;
    let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(Request {
        call: Call::of_headers(header("amz-sdk-invocation-id"), header("amz-sdk-request")),
        ..Request::new(service, operation, body)
    })
}

/// A response as it comes over HTTP.
pub(crate) fn encode(service: Service, response: &Response) -> HttpResponse {
    let status = response
        .status
        .try_into()
        .expect("backends answer with HTTP's own status codes");
    let mut answer = HttpResponse::new(status, SdkBody::from(encode_body(response)));
    answer
        .headers_mut()
        .insert("content-type", service.content_type());
    answer
}

/// Writes a response's body.
pub(crate) fn encode_body(response: &Response) -> String {
    response.body.to_string()
}
