//! Kinesis and DynamoDB in this process: nothing on disk, no fixed port.

use super::NoAnswer;
use super::over_http::{OverHttp, decode, emulator_request};
use crate::request::{Request, Response, Service};
use axum::extract::DefaultBodyLimit;
use ferrokinesis::store::{Store, StoreOptions};
use tokio::task::JoinHandle;
use tower::ServiceExt;

const ACCOUNT: &str = "000000000000";

/// `PutRecords` takes 10 MiB, and base64 makes four bytes of three.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// One pair of emulators, empty when it starts.
pub(crate) struct Embedded {
    kinesis: axum::Router,
    dynamodb: OverHttp,
    server: JoinHandle<()>,
}

impl Embedded {
    /// Starts a pair. Must run on the lab's runtime.
    pub(crate) async fn start() -> Self {
        let store = Store::new(StoreOptions {
            create_stream_ms: 0,
            delete_stream_ms: 0,
            update_stream_ms: 0,
            ..StoreOptions::default()
        });
        // dynoxide checks requests as DynamoDB does only behind its server, and that one wants a listener.
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let database = dynoxide::Database::memory().expect("SQLite opens a database in memory");
        let endpoint = format!("http://{address}/")
            .parse()
            .expect("an address is a valid URI");
        Embedded {
            kinesis: ferrokinesis::create_router(store)
                .layer(DefaultBodyLimit::max(LARGEST_REQUEST)),
            dynamodb: OverHttp::new(endpoint),
            server: tokio::spawn(dynoxide::server::serve_on(listener, database)),
        }
    }

    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        match request.service {
            Service::DynamoDb => self.dynamodb.send(request, ACCOUNT).await,
            Service::Kinesis => {
                let request = emulator_request(http::Uri::from_static("/"), request, ACCOUNT);
                let Ok(response) = self
                    .kinesis
                    .clone()
                    .oneshot(request.map(axum::body::Body::from))
                    .await;
                let status = response.status().as_u16();
                let body = axum::body::to_bytes(response.into_body(), usize::MAX)
                    .await
                    .map_err(|error| NoAnswer(error.to_string()))?;
                Ok(decode(status, &body))
            }
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.server.abort();
    }
}
