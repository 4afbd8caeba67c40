//! From where a request comes.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

/// Entries of `X-Forwarded-For` that are looked at, from the end.
const MAX_FORWARDED: usize = 20;

/// The network address of the person's machine as far as it is known for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Client {
    /// The client of a request that went through [`identify`].
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Notes the client of a request: the peer, or when that is a listed proxy, whom it forwards for.
pub(crate) async fn identify(
    State(proxies): State<Arc<[IpNet]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if let Some(peer) = peer {
        let client = forwarded(peer.to_canonical(), &proxies, request.headers());
        request.extensions_mut().insert(Client(client));
    }
    next.run(request).await
}

/// Walks `X-Forwarded-For` from its end for as long as listed proxies wrote it. What stands further
/// left was written by anybody.
fn forwarded(peer: IpAddr, proxies: &[IpNet], headers: &HeaderMap) -> IpAddr {
    let listed = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    let entries: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut client = peer;
    for entry in entries.iter().rev().take(MAX_FORWARDED) {
        if !listed(&client) {
            break;
        }
        match entry.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded_for: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded_for.parse().unwrap());
        let proxies = ["192.0.2.0/28".parse().unwrap()];
        forwarded(peer.parse().unwrap(), &proxies, &headers).to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        assert_eq!(client("198.51.100.7", "203.0.113.1"), "198.51.100.7");
        assert_eq!(client("192.0.2.1", "203.0.113.1"), "203.0.113.1");
        assert_eq!(client("192.0.2.1", "10.0.0.1, 203.0.113.1"), "203.0.113.1");
        assert_eq!(client("192.0.2.1", "203.0.113.1, 192.0.2.2"), "203.0.113.1");
        assert_eq!(client("192.0.2.1", "nonsense"), "192.0.2.1");
    }
}
