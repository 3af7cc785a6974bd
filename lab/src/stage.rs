//! A world in which programs run as processes of their own: what the demo needs, and a grader of untrusted code.
//!
//! Such a program is an ordinary one: it takes AWS's address from `AWS_ENDPOINT_URL`. That address is a small server
//! of the lab's on loopback, behind which its requests pass the same gate and meet the same faults as code in this
//! process. A worker that crashes is killed for real: SIGKILL, or `TerminateProcess` on Windows.

use crate::backend::{BackendError, Kind, NoAnswer, on_lab};
use crate::client::{decode_parts, encode_body};
use crate::fault::Strike;
use crate::trace::Entry;
use crate::wire::{Gate, Wire};
use crate::world::World;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// A world, and the processes that work in it.
pub struct Stage {
    world: Arc<World>,
}

/// What one process did.
#[derive(Debug)]
pub struct Act {
    /// How it ended; `None` where it was killed.
    pub status: Option<ExitStatus>,
    /// What it printed to its standard output, as far as it came.
    pub printed: String,
    /// Its attempts.
    pub trace: Vec<Entry>,
}

impl Stage {
    /// Opens a world of its own, or the one that programs on this backend share.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub fn open(kind: Kind, shared: bool) -> Result<Self, BackendError> {
        let world = match shared {
            true => on_lab(World::open_shared(kind))?,
            false => on_lab(World::open(kind))?,
        };
        Ok(Stage {
            world: Arc::new(world),
        })
    }

    /// Does something in the world.
    pub fn with<T>(&self, work: impl AsyncFnOnce(&World) -> T) -> T {
        on_lab(work(&self.world))
    }

    /// Starts a program, and waits until it ends or is killed by the fault in `plan`.
    ///
    /// It finds AWS at `AWS_ENDPOINT_URL`, with a Region and credentials that mean nothing.
    ///
    /// # Errors
    /// The program cannot be started, or loopback has no free port.
    pub fn play(&self, command: std::process::Command, plan: &[Strike]) -> std::io::Result<Act> {
        let gate = Gate::new(self.world.clone(), Vec::new(), plan);
        let wire = Wire::for_child(gate.clone(), 1);
        on_lab(async move {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            let endpoint = format!("http://{}", listener.local_addr()?);
            let server = axum::Router::new()
                .fallback(answer)
                .with_state(wire.clone());
            let server = tokio::spawn(async move { axum::serve(listener, server).await });
            let mut child = Command::from(command)
                .env("AWS_ENDPOINT_URL", endpoint)
                .env("AWS_REGION", "us-east-1")
                .env("AWS_ACCESS_KEY_ID", "lab")
                .env("AWS_SECRET_ACCESS_KEY", "lab")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()?;
            let mut stdout = child.stdout.take().expect("standard output is piped");
            let mut printed = Vec::new();
            let status = tokio::select! {
                biased;
                _ = wire.halted() => {
                    child.kill().await?;
                    stdout.read_to_end(&mut printed).await?;
                    None
                }
                ended = async {
                    stdout.read_to_end(&mut printed).await?;
                    child.wait().await
                } => Some(ended?),
            };
            server.abort();
            let printed = String::from_utf8_lossy(&printed).into_owned();
            Ok(Act {
                status,
                printed,
                trace: gate.trace(),
            })
        })
    }
}

/// Answers one request of the child's, as the gate sees fit.
async fn answer(State(wire): State<Wire>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let request = match decode_parts(header, &body) {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, error).into_response(),
    };
    match wire.attempt(request.clone()).await {
        Ok(response) => {
            let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let content_type = [(header::CONTENT_TYPE, request.service.content_type())];
            (status, content_type, encode_body(&response)).into_response()
        }
        // The connection breaks in the middle of the answer.
        Err(NoAnswer(reason)) => {
            let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, reason);
            Response::new(Body::from_stream(futures_util::stream::iter([Err::<
                Bytes,
                _,
            >(
                broken
            )])))
        }
    }
}
