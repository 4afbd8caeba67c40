//! Certificates made on the spot, and the client's side of STARTTLS.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ServerConfig, SignatureScheme,
    StreamOwned,
};
use sekimori_xtask::certificate::Issued;

use super::PATIENCE;
use super::client::Reply;

/// A certificate with its key, and the authority that signed it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "a certificate also has forms other than PEM")]
pub(crate) struct Certificate {
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
    pub(crate) authority_pem: String,
}

impl Certificate {
    /// A new certificate for `name` (a host name or an address) by a new authority.
    pub(crate) fn for_name(name: &str) -> Self {
        let Issued { certificate_pem, key_pem, authority_pem } = Issued::for_name(name).unwrap();
        Self { certificate_pem, key_pem, authority_pem }
    }

    /// The certificate as it is shown in a handshake.
    pub(crate) fn der(&self) -> Vec<u8> {
        CertificateDer::from_pem_slice(self.certificate_pem.as_bytes()).unwrap().to_vec()
    }

    fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let chain = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).unwrap();
        (vec![chain], key)
    }

    /// The configuration of a server that shows it.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let (chain, key) = self.parts();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        Arc::new(config.unwrap())
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Remembers the certificate shown, and takes it whoever signed it.
#[derive(Debug, Default)]
struct Shown(Mutex<Vec<u8>>);

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.0.lock().unwrap() = end_entity.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A session under TLS, begun with STARTTLS. It says nothing by itself, EHLO neither.
#[derive(Debug)]
pub(crate) struct Encrypted {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    /// The certificate that the server showed.
    pub(crate) certificate: Vec<u8>,
}

impl Encrypted {
    /// Connects, says EHLO and STARTTLS with `pipelined` octets right behind it in the clear, and
    /// does the handshake.
    pub(crate) fn begin(server: SocketAddr, pipelined: &[u8]) -> Self {
        Self::begin_as(server, pipelined, None)
    }

    /// The same, showing a certificate of one's own.
    pub(crate) fn begin_as(
        server: SocketAddr,
        pipelined: &[u8],
        identity: Option<&Certificate>,
    ) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut plain = BufReader::new(stream);
        assert_eq!(reply(&mut plain).code, 220);
        plain.get_mut().write_all(b"EHLO client.example.jp\r\n").unwrap();
        let offer = reply(&mut plain);
        assert!(offer.text.lines().any(|line| line == "STARTTLS"), "{offer:?}");
        let command = [b"STARTTLS\r\n", pipelined].concat();
        plain.get_mut().write_all(&command).unwrap();
        assert_eq!(reply(&mut plain).code, 220);
        assert_eq!(plain.buffer(), b"", "nothing is said in the clear after the 220");
        let shown = Arc::new(Shown::default());
        let verifier = Arc::clone(&shown);
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.parts();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = ServerName::try_from("gw.town.example.lg.jp").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, plain.into_inner());
        stream.conn.complete_io(&mut stream.sock).unwrap();
        let certificate = shown.0.lock().unwrap().clone();
        Self { stream: BufReader::new(stream), certificate }
    }

    /// Sends a command and takes its reply.
    pub(crate) fn command(&mut self, line: &str) -> Reply {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        stream.flush().unwrap();
        reply(&mut self.stream)
    }

    /// Sends a command, and takes its reply unless the server has ended the connection: a server that
    /// wants another certificate says so only here (RFC 8446 section 4.4.2.4).
    pub(crate) fn try_command(&mut self, line: &str) -> Option<Reply> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes()).ok()?;
        stream.flush().ok()?;
        self.stream.fill_buf().ok().filter(|read| !read.is_empty())?;
        Some(reply(&mut self.stream))
    }

    /// Hands a message over, dots stuffed already, and takes the last reply: the one to the dot, or
    /// the first refusal before it.
    pub(crate) fn hand_over(&mut self, sender: &str, recipient: &str, message: &[u8]) -> Reply {
        for (command, fine) in [
            (format!("MAIL FROM:<{sender}>"), 250),
            (format!("RCPT TO:<{recipient}>"), 250),
            ("DATA".to_owned(), 354),
        ] {
            let reply = self.command(&command);
            if reply.code != fine {
                return reply;
            }
        }
        self.stream.get_mut().write_all(message).unwrap();
        let end = if message.ends_with(b"\r\n") { "." } else { "\r\n." };
        self.command(end)
    }
}

fn reply(stream: &mut impl BufRead) -> Reply {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let (code, rest) = line.trim_end().split_at_checked(3).expect("a reply");
        text.push_str(rest.get(1..).unwrap_or_default());
        if !rest.starts_with('-') {
            return Reply { code: code.parse().unwrap(), text };
        }
        text.push('\n');
    }
}
