//! What supervisors ask.
//!
//! - `GET /livez`: 200 while the process runs its event loop.
//! - `GET /readyz`: 200 when mail can be taken, 503 with a reason on each line when it cannot.
//! - `GET /metrics`: OpenMetrics text, which Prometheus reads.
//!
//! No endpoint changes anything, and none shows an address, a subject or a body.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Content type of OpenMetrics text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the endpoints ask of the running program. Called on threads that may block.
pub trait Probe: Send + Sync + 'static {
    /// Why no mail can be taken, one reason a line for people; empty when it can.
    fn hindrances(&self) -> Vec<String>;

    /// The metrics as OpenMetrics text.
    fn metrics(&self) -> String;
}

/// The endpoints as routes.
pub fn router(probe: Arc<dyn Probe>) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(probe)
}

async fn livez() -> Response {
    answer(StatusCode::OK, "text/plain; charset=utf-8", "alive\n".to_owned())
}

async fn readyz(State(probe): State<Arc<dyn Probe>>) -> Response {
    let Ok(hindrances) = tokio::task::spawn_blocking(move || probe.hindrances()).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if hindrances.is_empty() {
        return answer(StatusCode::OK, "text/plain; charset=utf-8", "ready\n".to_owned());
    }
    let body = hindrances.iter().map(|hindrance| format!("{hindrance}\n")).collect();
    answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", body)
}

async fn metrics(State(probe): State<Arc<dyn Probe>>) -> Response {
    match tokio::task::spawn_blocking(move || probe.metrics()).await {
        Ok(text) => answer(StatusCode::OK, OPENMETRICS, text),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::Server;
    use crate::desk::{Health, HealthReport};
    use crate::pages::clock::now;

    struct Fixed(Vec<String>);

    impl Probe for Fixed {
        fn hindrances(&self) -> Vec<String> {
            self.0.clone()
        }

        fn metrics(&self) -> String {
            "# EOF\n".to_owned()
        }
    }

    impl Health for Fixed {
        fn health(&self) -> HealthReport {
            HealthReport {
                version: String::new(),
                started_at: now(),
                hindrances: self.hindrances(),
                statistics: None,
                reserve_octets: 0,
                hops: Vec::new(),
                errors: Vec::new(),
            }
        }
    }

    async fn get(hindrances: &[&str], path: &str) -> String {
        let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = server.address();
        let probe = Arc::new(Fixed(hindrances.iter().map(|&h| h.to_owned()).collect()));
        let serving = tokio::spawn(server.serve(probe, None, std::future::pending()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        serving.abort();
        response
    }

    #[tokio::test]
    async fn a_live_process_says_so() {
        assert!(get(&[], "/livez").await.starts_with("HTTP/1.1 200 "));
    }

    #[tokio::test]
    async fn what_hinders_is_said_with_503() {
        assert!(get(&[], "/readyz").await.ends_with("\r\n\r\nready\n"));
        let response = get(&["the disk is low", "the log fails"], "/readyz").await;
        assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
        assert!(response.ends_with("the disk is low\nthe log fails\n"), "{response}");
    }

    #[tokio::test]
    async fn metrics_come_as_openmetrics_under_a_strict_policy() {
        let response = get(&[], "/metrics").await;
        assert!(response.contains("application/openmetrics-text"), "{response}");
        assert!(response.contains("content-security-policy: default-src 'none'"), "{response}");
        assert!(response.ends_with("# EOF\n"), "{response}");
    }

    #[tokio::test]
    async fn other_paths_are_not_there() {
        assert!(get(&[], "/admin").await.starts_with("HTTP/1.1 404 "));
    }
}
