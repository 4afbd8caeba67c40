//! One SMTP connection to a hop, by lettre's connection-level interface.
//!
//! lettre reads and writes; what is said when, and what an answer means for each recipient, is
//! decided by [`sekimori_smtp::client::Transaction`]. Every phase runs under a time-out of ours, and
//! a connection on which one fired is dropped.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sekimori_policy::{Envelope, QueueId, Segment, SegmentMap};
use sekimori_smtp::client::{
    Action, Connection as After, MessageInfo, PeerExtensions, PeerReply, Transaction,
    TransactionOutcome, dot_stuff,
};
use sekimori_smtp::status::{self, RecipientStatus};
use sekimori_smtp::{Phase, ReplyClass, ReplyCode};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::stream::{EncryptedStream, LentStream};
use super::tls::client_config;
use crate::settings::{DeliverTimeouts, Hop, HopTls};

/// Why no connection could be had, in words for the log and the queue listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The name has no address.
    #[error("{hop}: the name cannot be resolved: {reason}")]
    Resolve { hop: String, reason: String },
    /// The address is one that nothing may reach from here.
    #[error("{hop}: {address} is in the forbidden segment {segment}")]
    ForbiddenSegment { hop: String, address: IpAddr, segment: &'static str },
    /// TCP, the greeting or EHLO failed.
    #[error("{hop}: {reason}")]
    Failed { hop: String, reason: String },
    /// TLS is demanded and cannot be had.
    #[error("{hop}: TLS: {reason}")]
    Tls { hop: String, reason: String },
    /// The login was refused or cannot be made.
    #[error("{hop}: login: {reason}")]
    Login { hop: String, reason: String },
    /// It is to be a gate, and does not offer what a gate offers.
    #[error("{hop}: is no gate of sekimori's (XSTATUS is not offered)")]
    NoGate { hop: String },
    /// A phase took too long.
    #[error("{hop}: no answer within {seconds} s")]
    TimedOut { hop: String, seconds: u64 },
}

/// Whom a hop may be: what the segments allow, and what we call ourselves.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    pub(crate) hostname: String,
    pub(crate) segments: SegmentMap,
    /// The segment that the hop must be in, wherever segments are configured.
    pub(crate) side: Segment,
    pub(crate) timeouts: DeliverTimeouts,
}

/// What a gate knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// What became of it for each recipient, by the gate's positions.
    Recipients(Vec<RecipientStatus>),
    /// Nothing (any more).
    Nothing,
}

/// A connection on which EHLO was answered.
pub(crate) struct Connection {
    inner: AsyncSmtpConnection,
    extensions: PeerExtensions,
    timeouts: DeliverTimeouts,
    hop: String,
    is_gate: bool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.hop)
    }
}

impl Dialer {
    /// Connects to a hop: TCP, greeting, EHLO, then TLS and login as the hop asks.
    pub(crate) async fn connect(&self, hop: &Hop) -> Result<Connection, ConnectError> {
        let tls = client_config(hop)
            .map_err(|error| ConnectError::Tls { hop: hop.name(), reason: error.to_string() })?;
        let (stream, peer) = self.dial(hop).await?;
        let hello = ClientId::Domain(self.hostname.clone());
        let lent = LentStream::new(stream, peer);
        let mut plain = self
            .within(
                hop,
                AsyncSmtpConnection::connect_with_transport(Box::new(lent.clone()), &hello),
            )
            .await?
            .map_err(|error| failed(hop, &error))?;
        let mut inner = match tls {
            Some(config) if plain.can_starttls() => {
                self.within(hop, plain.command(Starttls)).await?.map_err(|e| failed(hop, &e))?;
                drop(plain);
                let stream =
                    lent.take_back().ok_or_else(|| failed(hop, &"the connection is gone"))?;
                self.encrypt(hop, stream, peer, config, &hello).await?
            }
            Some(_) if hop.tls != HopTls::May => {
                plain.abort().await;
                return Err(ConnectError::Tls {
                    hop: hop.name(),
                    reason: "STARTTLS is not offered, and the configuration demands it".to_owned(),
                });
            }
            _ => plain,
        };
        if let Some(login) = &hop.login {
            let wrong = |reason: String| ConnectError::Login { hop: hop.name(), reason };
            let password = std::fs::read_to_string(&login.password_file)
                .map_err(|error| wrong(error.to_string()))?;
            let credentials = Credentials::new(
                login.user.clone(),
                password.trim_end_matches(['\r', '\n']).to_owned(),
            );
            self.within(hop, inner.auth(&[Mechanism::Plain, Mechanism::Login], &credentials))
                .await?
                .map_err(|error| wrong(error.to_string()))?;
        }
        // lettre keeps neither SIZE nor PIPELINING of the answer, so it is asked for again.
        let answer = self
            .within(hop, inner.command(Ehlo::new(hello)))
            .await?
            .map_err(|error| failed(hop, &error))?;
        let extensions = PeerExtensions::parse(answer.message());
        if hop.is_gate && !extensions.status {
            return Err(ConnectError::NoGate { hop: hop.name() });
        }
        let is_gate = hop.is_gate;
        Ok(Connection { inner, extensions, timeouts: self.timeouts, hop: hop.name(), is_gate })
    }

    /// TCP to the first address that answers, each checked against the segments.
    async fn dial(&self, hop: &Hop) -> Result<(TcpStream, SocketAddr), ConnectError> {
        let addresses: Vec<_> = tokio::net::lookup_host((hop.host.as_str(), hop.port))
            .await
            .map_err(|error| ConnectError::Resolve { hop: hop.name(), reason: error.to_string() })?
            .collect();
        let mut last = ConnectError::Resolve { hop: hop.name(), reason: "no address".to_owned() };
        for address in addresses {
            if let Some(segment) = self.segments.segment_of(address.ip())
                && segment != self.side
            {
                last = ConnectError::ForbiddenSegment {
                    hop: hop.name(),
                    address: address.ip(),
                    segment: segment.as_str(),
                };
                continue;
            }
            match timeout(self.timeouts.connect, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => match stream.set_nodelay(true) {
                    Ok(()) => return Ok((stream, address)),
                    Err(error) => last = failed(hop, &error),
                },
                Ok(Err(error)) => last = failed(hop, &error),
                Err(_) => last = timed_out(hop, self.timeouts.connect),
            }
        }
        Err(last)
    }

    async fn encrypt(
        &self,
        hop: &Hop,
        stream: TcpStream,
        peer: SocketAddr,
        config: Arc<ClientConfig>,
        hello: &ClientId,
    ) -> Result<AsyncSmtpConnection, ConnectError> {
        let wrong = |reason: String| ConnectError::Tls { hop: hop.name(), reason };
        let name =
            ServerName::try_from(hop.host.clone()).map_err(|error| wrong(error.to_string()))?;
        let stream = self
            .within(hop, TlsConnector::from(config).connect(name, stream))
            .await?
            .map_err(|error| wrong(error.to_string()))?;
        let stream = Box::new(EncryptedStream::new(stream, peer));
        self.within(hop, AsyncSmtpConnection::connect_with_transport(stream, hello))
            .await?
            .map_err(|error| failed(hop, &error))
    }

    async fn within<T>(&self, hop: &Hop, work: impl Future<Output = T>) -> Result<T, ConnectError> {
        timeout(self.timeouts.command, work)
            .await
            .map_err(|_| timed_out(hop, self.timeouts.command))
    }
}

fn failed(hop: &Hop, error: &dyn fmt::Display) -> ConnectError {
    ConnectError::Failed { hop: hop.name(), reason: error.to_string() }
}

fn timed_out(hop: &Hop, after: Duration) -> ConnectError {
    ConnectError::TimedOut { hop: hop.name(), seconds: after.as_secs() }
}

impl Connection {
    /// The hop's name, `host:port`.
    pub(super) fn hop(&self) -> &str {
        &self.hop
    }

    /// Whether the hop is a gate of ours.
    pub(super) fn is_gate(&self) -> bool {
        self.is_gate
    }

    /// Asks a gate what became of a message. `None` when it did not answer, or not in the form: the
    /// connection is of no further use then.
    pub(super) async fn ask(&mut self, id: QueueId) -> Option<Known> {
        let command = format!("{} {id}\r\n", status::KEYWORD);
        let answer = timeout(self.timeouts.command, self.inner.command(command)).await.ok()?;
        match answer {
            Ok(response) => status::parse(response.message()).map(Known::Recipients),
            // A refusal comes as an error that carries the code.
            Err(error) => {
                let code: u16 = error.status()?.to_string().parse().ok()?;
                match ReplyCode::new(code)?.class() {
                    ReplyClass::Permanent => Some(Known::Nothing),
                    _ => None,
                }
            }
        }
    }

    /// Hands over one message. Whether the connection can serve another is in the outcome.
    pub(super) async fn send(&mut self, envelope: Envelope, text: &[u8]) -> TransactionOutcome {
        let info = MessageInfo {
            octets: u64::try_from(text.len()).unwrap_or(u64::MAX),
            eight_bit: !text.is_ascii(),
        };
        let mut transaction = Transaction::new(envelope, info, self.extensions);
        // lettre writes and reads in one call, so what is to be written waits for the next read.
        let mut unwritten = String::new();
        loop {
            match transaction.next_action() {
                Action::Write(octets) => match String::from_utf8(octets) {
                    Ok(group) => unwritten.push_str(&group),
                    Err(_) => return transaction.connection_lost(),
                },
                Action::WriteMessage => match String::from_utf8(dot_stuff(text)) {
                    Ok(stuffed) => unwritten.push_str(&stuffed),
                    Err(_) => return transaction.connection_lost(),
                },
                Action::Read(phase) => {
                    let group = std::mem::take(&mut unwritten);
                    match self.exchange(group, phase).await {
                        Some(reply) => transaction.reply(reply),
                        None => return transaction.connection_lost(),
                    }
                }
                Action::Done(outcome) => return outcome,
            }
        }
    }

    /// Writes a group of commands, if there is one, and reads one reply.
    async fn exchange(&mut self, group: String, phase: Phase) -> Option<PeerReply> {
        let limit = match phase {
            Phase::DataTermination => self.timeouts.end_of_data,
            _ => self.timeouts.command,
        };
        let answer = if group.is_empty() {
            timeout(limit, self.inner.read_response()).await
        } else {
            timeout(limit, self.inner.command(group)).await
        };
        match answer.ok()? {
            Ok(response) => peer_reply(&response),
            // A refusal comes as an error that carries the code and the text.
            Err(error) => {
                let code = error.status().and_then(|code| code.to_string().parse().ok())?;
                let text = std::error::Error::source(&error).map(ToString::to_string);
                Some(PeerReply { code: ReplyCode::new(code)?, lines: text.into_iter().collect() })
            }
        }
    }

    /// Hands an original or removed parts over, octets as they are. Only `hand_over` has a
    /// use for it, with a dialer of the Internet segment. An error says whether it is for good, and
    /// the reply or the reason why there was none.
    #[cfg(feature = "internet")]
    pub(crate) async fn hand_over(
        &mut self,
        envelope: &lettre::address::Envelope,
        octets: &[u8],
    ) -> Result<String, (bool, String)> {
        let limit = self.timeouts.end_of_data;
        match timeout(limit, self.inner.send(envelope, octets)).await {
            Ok(Ok(response)) => {
                let text = response.message().collect::<Vec<_>>().join(" ");
                Ok(format!("{} {text}", response.code()))
            }
            Ok(Err(error)) => {
                let code = error.status().map(|code| format!("{code} ")).unwrap_or_default();
                let reason = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                Err((error.is_permanent() || error.is_client(), format!("{code}{reason}")))
            }
            Err(_) => Err((false, format!("no answer within {} s", limit.as_secs()))),
        }
    }

    /// Says QUIT, without caring for the answer longer than it is worth.
    pub(crate) async fn quit(mut self) {
        const FAREWELL: Duration = Duration::from_secs(2);
        let _ = timeout(FAREWELL, self.inner.quit()).await;
    }
}

fn peer_reply(response: &Response) -> Option<PeerReply> {
    let code = response.code().to_string().parse().ok()?;
    Some(PeerReply {
        code: ReplyCode::new(code)?,
        lines: response.message().map(str::to_owned).collect(),
    })
}

/// Whether an outcome leaves the connection fit for another message.
pub(super) fn is_usable(outcome: &TransactionOutcome) -> bool {
    outcome.connection == After::Usable
}
