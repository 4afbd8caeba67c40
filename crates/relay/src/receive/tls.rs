//! TLS toward peers: certificate and key from PEM files, read again on reload.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use sekimori_smtp::TlsInfo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::certificates::{authorities, identity, unusable};
use crate::settings::ReceiveTls;
use crate::{RelayError, tls_provider};

/// Reads certificate, key and the authorities of clients: TLS 1.2 and 1.3.
pub(crate) fn server_config(tls: &ReceiveTls) -> Result<Arc<ServerConfig>, RelayError> {
    let (chain, key) = identity(&tls.certificate, &tls.key)?;
    let builder = ServerConfig::builder_with_provider(tls_provider())
        .with_safe_default_protocol_versions()
        .map_err(RelayError::Tls)?;
    let builder = match &tls.client_authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let roots = Arc::new(authorities(path)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, tls_provider())
                .build()
                .map_err(|error| RelayError::Authorities { reason: error.to_string() })?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config =
        builder.with_single_cert(chain, key).map_err(|error| unusable(&tls.certificate, &error))?;
    Ok(Arc::new(config))
}

/// What a handshake agreed on.
pub(crate) fn info(stream: &TlsStream<TcpStream>) -> TlsInfo {
    let connection = stream.get_ref().1;
    let named = |name: Option<String>| name.unwrap_or_else(|| "unknown".to_owned());
    // The library writes TLSv1_3, everybody else TLSv1.3.
    let version = connection.protocol_version().and_then(|v| Some(v.as_str()?.replace('_', ".")));
    TlsInfo {
        version: named(version),
        cipher: named(
            connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str().map(str::to_owned)),
        ),
    }
}
