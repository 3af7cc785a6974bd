//! Shows the book in a browser on this machine, and builds it again when it changes.

use crate::build::build;
use crate::progress;
use crate::watch::Snapshot;
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tower_http::services::ServeDir;

/// The port that readers of other books of this kind expect.
const USUAL_PORT: u16 = 3000;

/// Builds the book of the repository at `root` and serves it until the process ends.
///
/// # Errors
/// The book cannot be built, or nothing can listen on `port`.
pub fn serve(root: &Path, port: Option<u16>) -> Result<()> {
    // Before the build, which the reader would wait for in vain.
    let listener = listen(port)?;
    // Before the build too: what changes during it must be built again.
    let built = Snapshot::take(root);
    let folder = build(root)?;
    println!(
        "The book is at http://{} (Ctrl-C ends it).",
        listener.local_addr()?
    );
    let root = root.to_owned();
    let served_root = root.clone();
    std::thread::spawn(move || keep_building(&root, built));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(answer(listener, folder, served_root))
}

/// Listens on `port` of this machine; without one on port 3000, or on a free one if that is taken.
///
/// # Errors
/// The port is taken, or the system does not let this user have it.
pub fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let Some(port) = port else {
        return bind(USUAL_PORT)
            .or_else(|_| bind(0))
            .context("no port of this machine is free");
    };
    match bind(port) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken: name another one, or leave out --port to get a free one.")
        }
        Err(error) => {
            bail!("port {port} cannot be used ({error}): leave out --port to get a free one.")
        }
    }
}

/// Answers with the files of `folder`, for ever, and marks in the sidebar of each page what the reader has finished of
/// the course at `root`.
///
/// # Errors
/// The listener fails.
pub async fn answer(listener: TcpListener, folder: PathBuf, root: PathBuf) -> Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let files = Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(middleware::from_fn_with_state(root, with_progress));
    axum::serve(listener, files)
        .await
        .context("the book can no longer be served")
}

/// A page as it is served: with the marks of the moment, so that no browser may keep it.
async fn with_progress(State(root): State<PathBuf>, mut request: Request, next: Next) -> Response {
    for condition in [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH] {
        request.headers_mut().remove(condition);
    }
    let response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = String::from_utf8_lossy(&page);
    let page = page.replacen("</head>", &(progress::style(&root) + "</head>"), 1);
    parts.headers.remove(header::CONTENT_LENGTH);
    let no_store = HeaderValue::from_static("no-store");
    parts.headers.insert(header::CACHE_CONTROL, no_store);
    Response::from_parts(parts, Body::from(page))
}

fn keep_building(root: &Path, mut built: Snapshot) {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = Snapshot::take(root);
        if now == built {
            continue;
        }
        built = now;
        match build(root) {
            Ok(_) => println!("Built again: reload the page."),
            Err(error) => eprintln!("{error:#}"),
        }
    }
}
