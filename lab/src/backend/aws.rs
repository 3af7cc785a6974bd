//! An AWS account: real streams and tables, which cost real money.
//!
//! Each run's names begin with `lab-` and eight hex digits of its own, and what a run makes is deleted when it ends.
//! A process that is killed leaves it behind: `aws dynamodb list-tables` and `aws kinesis list-streams` show it.

use super::guest::Guest;
use super::over_http::{decode, innermost, no_answer};
use super::{BackendError, Names, NoAnswer};
use crate::request::{Request, Response, Service};
use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// How long the search for credentials may take. Outside EC2 the chain ends in a wait for a server that is not there.
const SEARCH: Duration = Duration::from_secs(5);

/// Credentials that expire sooner than this are looked up again: a run must not outlive them.
const RESERVE: Duration = Duration::from_secs(600);

/// The names of one run in an AWS account.
pub(crate) struct Aws {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    account: Account,
    guest: Guest,
}

impl Aws {
    /// Opens an account, if its owner has agreed to what that may cost.
    pub(crate) async fn open(names: Names) -> Result<Self, BackendError> {
        if std::env::var("LAB_AWS_MAY_COST_MONEY").as_deref() != Ok("yes") {
            return Err(BackendError::NoConsent);
        }
        let account = Account::current().await?;
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| BackendError::NoCertificates(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Aws {
            client: Client::builder(TokioExecutor::new()).build(connector),
            account,
            guest: Guest::new(names, "lab-shared-"),
        })
    }

    /// What every name begins with.
    pub(crate) fn prefix(&self) -> &str {
        self.guest.prefix()
    }

    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        let send = |request: Request| async move { self.send(&request).await };
        self.guest.answer(request, send).await
    }

    async fn send(&self, request: &Request) -> Result<Response, NoAnswer> {
        let request = self
            .account
            .signed(request)
            .map_err(|error| NoAnswer(error.to_string()))?;
        let response = self
            .client
            .request(request.map(Full::new))
            .await
            .map_err(no_answer)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(no_answer)?;
        Ok(decode(status, &body.to_bytes()))
    }
}

/// Where requests go, and in whose name.
#[derive(Clone)]
struct Account {
    region: String,
    /// `AWS_ENDPOINT_URL`, if it is set.
    endpoint: Option<String>,
    credentials: Credentials,
}

impl Account {
    /// What the environment, the configuration files and their like say: looked up once, or again before it expires.
    async fn current() -> Result<Self, BackendError> {
        static KNOWN: Mutex<Option<Result<Account, BackendError>>> = Mutex::const_new(None);
        let mut known = KNOWN.lock().await;
        match &*known {
            Some(Ok(account)) if account.expires_soon() => {}
            Some(known) => return known.clone(),
            None => {}
        }
        let account = match tokio::time::timeout(SEARCH, Account::look_up()).await {
            Ok(found) => found,
            Err(_) => Err(BackendError::NoCredentials(format!(
                "the search was given up after {} seconds",
                SEARCH.as_secs()
            ))),
        };
        known.insert(account).clone()
    }

    fn expires_soon(&self) -> bool {
        self.credentials
            .expiry()
            .is_some_and(|expiry| expiry < SystemTime::now() + RESERVE)
    }

    async fn look_up() -> Result<Self, BackendError> {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        // The chain leaves out an address that it cannot read, and the requests would go to AWS itself.
        let wanted = std::env::var("AWS_ENDPOINT_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let endpoint = wanted.or_else(|| config.endpoint_url().map(str::to_owned));
        if let Some(url) = &endpoint {
            let uri: Option<http::Uri> = url.parse().ok();
            if !matches!(
                uri.as_ref().and_then(http::Uri::scheme_str),
                Some("http" | "https")
            ) {
                return Err(BackendError::Endpoint(url.clone()));
            }
        }
        let none = || BackendError::NoCredentials("no place that may hold them has any".to_owned());
        let provider = config.credentials_provider().ok_or_else(none)?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| match error {
                CredentialsError::CredentialsNotLoaded(_) => none(),
                error => BackendError::NoCredentials(
                    innermost(&error)
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                ),
            })?;
        let region = config
            .region()
            .ok_or(BackendError::NoRegion)?
            .as_ref()
            .to_owned();
        Ok(Account {
            region,
            endpoint,
            credentials,
        })
    }

    /// `https://dynamodb.eu-central-1.amazonaws.com/`
    fn url(&self, service: Service) -> String {
        if let Some(endpoint) = &self.endpoint {
            return endpoint.clone();
        }
        let domain = if self.region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!(
            "https://{}.{}.{domain}/",
            service.signing_name(),
            self.region
        )
    }

    fn signed(
        &self,
        request: &Request,
    ) -> Result<http::Request<Bytes>, Box<dyn std::error::Error>> {
        let target = format!("{}{}", request.service.target_prefix(), request.operation);
        let body = Bytes::from(request.body.to_string());
        let mut unsigned = http::Request::post(self.url(request.service))
            .header(http::header::CONTENT_TYPE, request.service.content_type())
            .header("x-amz-target", target)
            .body(body.clone())?;
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(request.service.signing_name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let uri = unsigned.uri().to_string();
        let headers: Vec<_> = unsigned
            .headers()
            .iter()
            .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
            .collect::<Result<_, http::header::ToStrError>>()?;
        let signable =
            SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(&body))?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut unsigned);
        Ok(unsigned)
    }
}
