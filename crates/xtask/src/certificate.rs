//! Certificates made on the spot, for tests and for the lab.

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A certificate with its key, and the authority that signed it and nothing else.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate, in PEM.
    pub certificate_pem: String,
    /// Its private key, in PEM.
    pub key_pem: String,
    /// The certificate of the authority, in PEM.
    pub authority_pem: String,
}

impl Issued {
    /// A new certificate for a host name or an address, by a new authority. Fails when it is neither.
    pub fn for_name(name: &str) -> Result<Self> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &authority)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            authority_pem: authority.pem(),
        })
    }
}
