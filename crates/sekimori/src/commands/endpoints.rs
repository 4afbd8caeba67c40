//! What supervisors ask of the gate: `/livez`, `/readyz` and `/metrics`, as the other half answers them.
//!
//! Served by hyper alone: the pages' framework, and what it can do, is not linked into the gate.
//!
//! Bounds: [`MAX_CONNECTIONS`], and [`LIMIT`] for a request and its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::metrics::Supervision;

/// Connections at once; further ones wait.
const MAX_CONNECTIONS: usize = 16;
/// How long one connection may last: it serves one request.
const LIMIT: Duration = Duration::from_secs(10);

const TEXT: &str = "text/plain; charset=utf-8";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Opens the listener.
pub(super) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until dropped.
pub(super) async fn serve(listener: TcpListener, supervision: Arc<Supervision>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let supervision = Arc::clone(&supervision);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(LIMIT, answer(stream, supervision)).await;
            drop(place);
        });
    }
}

async fn answer(stream: TcpStream, supervision: Arc<Supervision>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let supervision = Arc::clone(&supervision);
        async move { Ok::<_, Infallible>(response(&request, supervision).await) }
    });
    let connection =
        http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a request for the gate's state broke");
    }
}

async fn response(
    request: &Request<Incoming>,
    supervision: Arc<Supervision>,
) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET alone\n".to_owned());
    }
    match request.uri().path() {
        "/livez" => plain(StatusCode::OK, TEXT, "alive\n".to_owned()),
        "/readyz" => match tokio::task::spawn_blocking(move || supervision.hindrances()).await {
            Ok(hindrances) if hindrances.is_empty() => {
                plain(StatusCode::OK, TEXT, "ready\n".to_owned())
            }
            Ok(hindrances) => {
                plain(StatusCode::SERVICE_UNAVAILABLE, TEXT, hindrances.join("\n") + "\n")
            }
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, TEXT, String::new()),
        },
        "/metrics" => match tokio::task::spawn_blocking(move || supervision.metrics()).await {
            Ok(text) => plain(StatusCode::OK, OPENMETRICS, text),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, TEXT, String::new()),
        },
        _ => plain(StatusCode::NOT_FOUND, TEXT, "not here\n".to_owned()),
    }
}

fn plain(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
