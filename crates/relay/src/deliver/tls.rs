//! TLS toward a next hop.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::certificates::{authorities, identity, unusable};
use crate::settings::{Hop, HopIdentity, HopTls};
use crate::{RelayError, tls_provider};

/// The client's TLS configuration for a hop; `None` when it uses none.
pub(crate) fn client_config(hop: &Hop) -> Result<Option<Arc<ClientConfig>>, RelayError> {
    let provider = tls_provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(RelayError::Tls)?;
    let config = match hop.tls {
        HopTls::None => return Ok(None),
        HopTls::Verify => {
            let path = hop
                .tls_authorities
                .as_deref()
                .ok_or_else(|| RelayError::Authorities { reason: "none configured".to_owned() })?;
            let roots = Arc::new(authorities(path)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|error| RelayError::Authorities { reason: error.to_string() })?;
            builder.with_webpki_verifier(verifier)
        }
        HopTls::May | HopTls::Encrypt => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        }
    };
    let config = match &hop.identity {
        None => config.with_no_client_auth(),
        Some(HopIdentity { certificate, key: file }) => {
            let (chain, key) = identity(certificate, file)?;
            config
                .with_client_auth_cert(chain, key)
                .map_err(|error| unusable(certificate, &error))?
        }
    };
    Ok(Some(Arc::new(config)))
}

/// Takes every certificate, as `may` and `encrypt` promise no more than secrecy from those who only
/// listen. Signatures of the handshake are checked all the same.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
