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
    pub(super) kinesis: Kinesis,
    pub(super) dynamodb: DynamoDb,
}

impl Embedded {
    /// Starts a pair. Must run on the lab's runtime.
    pub(crate) async fn start() -> Self {
        Embedded {
            kinesis: Kinesis::start(),
            dynamodb: DynamoDb::start().await,
        }
    }

    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        match request.service {
            Service::DynamoDb => self.dynamodb.answer(request).await,
            Service::Kinesis => self.kinesis.answer(request).await,
        }
    }
}

/// An emulator of Kinesis. It has no sockets, and may be asked from any thread.
pub(super) struct Kinesis(axum::Router);

impl Kinesis {
    fn start() -> Self {
        let store = Store::new(StoreOptions {
            create_stream_ms: 0,
            delete_stream_ms: 0,
            update_stream_ms: 0,
            ..StoreOptions::default()
        });
        let router = ferrokinesis::create_router(store);
        Kinesis(router.layer(DefaultBodyLimit::max(LARGEST_REQUEST)))
    }

    pub(super) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        let request = emulator_request(http::Uri::from_static("/"), request, ACCOUNT);
        let router = self.0.clone();
        let Ok(response) = router.oneshot(request.map(axum::body::Body::from)).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .map_err(|error| NoAnswer(error.to_string()))?;
        Ok(decode(status, &body))
    }
}

/// An emulator of DynamoDB. Its sockets belong to the thread that started it.
pub(super) struct DynamoDb {
    client: OverHttp,
    server: JoinHandle<()>,
}

impl DynamoDb {
    pub(super) async fn start() -> Self {
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
        DynamoDb {
            client: OverHttp::new(endpoint),
            server: tokio::spawn(dynoxide::server::serve_on(listener, database)),
        }
    }

    pub(super) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        self.client.send(request, ACCOUNT).await
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.server.abort();
    }
}
