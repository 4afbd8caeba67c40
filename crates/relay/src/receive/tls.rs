//! TLS toward peers: certificate and key from PEM files, read again on reload.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sekimori_smtp::TlsInfo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::settings::ReceiveTls;
use crate::{RelayError, tls_provider};

/// Reads certificate and key: TLS 1.2 and 1.3, no client certificates.
pub(crate) fn server_config(tls: &ReceiveTls) -> Result<Arc<ServerConfig>, RelayError> {
    let unreadable = |path: &std::path::Path, error: &dyn std::fmt::Display| {
        RelayError::Certificate { path: path.to_owned(), reason: error.to_string() }
    };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&tls.certificate, &error))?;
    let key =
        PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| unreadable(&tls.key, &error))?;
    let config = ServerConfig::builder_with_provider(tls_provider())
        .with_safe_default_protocol_versions()
        .map_err(RelayError::Tls)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| unreadable(&tls.certificate, &error))?;
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
