//! What every answer carries and what every request is bound by.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota};
use tokio::sync::Semaphore;

use super::client::Client;
use super::failure::Failure;

/// The policy of every page: nothing but our own style sheet, script and pictures.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Octets of a posted form at most.
pub(crate) const MAX_FORM_OCTETS: usize = 1024 * 1024;
/// Requests in progress at most; one more is told to come back.
pub(crate) const MAX_IN_PROGRESS: usize = 256;
/// Longest time that one request may take.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(60);
/// Requests of one client within a second, on average.
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// Requests of one client at once.
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// Attempts to sign in of one client within a minute, on average. Offices share one address.
const SIGN_INS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Attempts to sign in of one client at once.
const SIGN_INS_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Clients remembered before those at rest are forgotten.
const MAX_CLIENTS: usize = 10_000;

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Other sites are told nothing either way; with `no-referrer` browsers would send `Origin: null`
    // with our own forms, and where they send no `Sec-Fetch-Site` those would be refused.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Puts the security headers on an answer; what a page has set itself stays.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    response
}

/// The bounds shared by all requests.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    requests: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    sign_ins: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    in_progress: Arc<Semaphore>,
}

impl Default for Bounds {
    fn default() -> Self {
        let requests = Quota::per_second(REQUESTS_A_SECOND).allow_burst(REQUESTS_AT_ONCE);
        let sign_ins = Quota::per_minute(SIGN_INS_A_MINUTE).allow_burst(SIGN_INS_AT_ONCE);
        Self {
            requests: Arc::new(DefaultKeyedRateLimiter::keyed(requests)),
            sign_ins: Arc::new(DefaultKeyedRateLimiter::keyed(sign_ins)),
            in_progress: Arc::new(Semaphore::new(MAX_IN_PROGRESS)),
        }
    }
}

impl Bounds {
    /// Counts an attempt to sign in; refuses when the client made too many.
    pub(crate) fn sign_in(&self, client: Client) -> Result<(), Failure> {
        count(&self.sign_ins, client.0)
    }
}

fn count(limiter: &DefaultKeyedRateLimiter<IpAddr>, client: IpAddr) -> Result<(), Failure> {
    if limiter.len() > MAX_CLIENTS {
        limiter.retain_recent();
    }
    // An IPv6 client has a whole /64 to itself.
    let key = match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & (u128::MAX << 64)).into()),
    };
    limiter.check_key(&key).map_err(|_| Failure::Many)
}

/// Keeps a request within its bounds: of its client, of all in progress, and of time.
pub(crate) async fn bound(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let client = Client::of(request.extensions());
    if let Err(failure) = count(&bounds.requests, client.0) {
        return failure.into_response();
    }
    let Ok(_permit) = bounds.in_progress.try_acquire() else {
        return Failure::Many.into_response();
    };
    match tokio::time::timeout(TIME_OUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::Slow.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_too_many_attempts_and_another_goes_on() {
        let bounds = Bounds::default();
        let busy = Client([192, 0, 2, 1].into());
        for _ in 0..SIGN_INS_AT_ONCE.get() {
            assert!(bounds.sign_in(busy).is_ok());
        }
        assert!(matches!(bounds.sign_in(busy), Err(Failure::Many)));
        assert!(bounds.sign_in(Client([192, 0, 2, 2].into())).is_ok());
    }
}
