//! What the relay is told by its configuration, checked and ready for use.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use sekimori_policy::{Address, Domain, Limits, Organisation, Segment, SegmentMap};

/// Everything that the relay needs to know. Replaced as a whole on reload.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which half of a deployment this is.
    pub half: Half,
    /// Our name in greetings, `Received` fields and reports.
    pub hostname: String,
    /// Receiving from the Internet segment.
    pub receive: Receive,
    /// Turning mail into text.
    pub convert: Convert,
    /// Delivering to the LGWAN segment.
    pub deliver: Deliver,
    /// Reporting failures to senders on the Internet segment; without it they are held for a person.
    pub reports: Option<Reports>,
    /// Handing originals over by mail; without it they can only be downloaded.
    pub hand_over: Option<HandOver>,
    /// The organisations whose mail is handled.
    pub organisations: Organisations,
    /// Which networks are in which segment.
    pub segments: SegmentMap,
    /// When stored messages are removed.
    pub retention: Retention,
    /// Checkpoints of the audit record, and copies of it elsewhere.
    pub audit: Audit,
    /// What becomes of mail that comes in while the crossing is stopped.
    pub when_stopped: WhenStopped,
    /// Hostile mails of our own that show what crosses; `None` for none.
    pub canary: Option<Canary>,
    /// Where the pages of quarantine review are, for digests: without a `/` at its end.
    pub review_url: Option<String>,
}

/// One of the two halves of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Half {
    /// In the Internet segment: takes any mail and makes it text. Alone, it is the whole gateway.
    #[default]
    Internet,
    /// In the LGWAN segment, the gate: takes text alone, as the verifier recognises it.
    Lgwan,
}

impl Half {
    /// The segment that its machine is in.
    pub fn segment(self) -> Segment {
        match self {
            Self::Internet => Segment::Internet,
            Self::Lgwan => Segment::Lgwan,
        }
    }
}

/// Hostile mails of our own, sent through the real path.
#[derive(Debug, Clone)]
pub struct Canary {
    /// Whom they are for: a mailbox that is not there. What is for it goes no further than to the half
    /// that would hand it to the LGWAN mail server. Taken at the start, not on reload.
    pub recipient: Address,
    /// Time from the start of one to that of the next, in the half that sends them.
    pub every: Duration,
    /// How long one may take to arrive.
    pub patience: Duration,
}

/// What becomes of mail that comes in while the crossing is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenStopped {
    /// It is taken and waits.
    #[default]
    Hold,
    /// It is answered 450, so that it waits at its sender's.
    Defer,
}

/// Checkpoints of the audit record, and copies of it elsewhere. Taken at the start, not on reload.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The file that checkpoints are appended to.
    pub checkpoint_file: Option<PathBuf>,
    /// Longest time between a record and the checkpoint after it.
    pub interval: Duration,
    /// How often the chains are checked, beside once at the start; `None` for never. When they do not
    /// hold the crossing is stopped.
    pub verify: Option<Duration>,
    /// The server that checkpoints are sent to.
    pub syslog: Option<Syslog>,
}

/// A syslog server that is spoken to over TLS (RFC 5425).
#[derive(Debug, Clone)]
pub struct Syslog {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// PEM file of the authorities that its certificate is checked against.
    pub authorities: PathBuf,
    /// Whether each record is sent too, beside the checkpoints.
    pub records: bool,
}

/// Settings of the receiving side.
#[derive(Debug, Clone)]
pub struct Receive {
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// Networks whose hosts may connect.
    pub trusted_peers: Vec<IpNet>,
    /// Networks whose hosts may use XFORWARD.
    pub xforward_peers: Vec<IpNet>,
    /// Networks whose connections begin with a PROXY protocol version 2 header.
    pub proxy_peers: Vec<IpNet>,
    /// STARTTLS, when a certificate is configured.
    pub tls: Option<ReceiveTls>,
    /// Whether bare CR and LF in data are made line ends instead of refused.
    pub normalise_line_ends: bool,
    /// Octets of the largest message.
    pub max_message_octets: usize,
    /// Recipients of one transaction.
    pub max_recipients: usize,
    /// Commands of one session.
    pub max_commands: usize,
    /// Errors of one session.
    pub max_errors: usize,
    /// Connections at once, in all.
    pub max_connections: usize,
    /// Connections at once from one address.
    pub max_connections_per_peer: usize,
    /// Octets of messages in flight over all sessions.
    pub max_octets_in_flight: usize,
    /// How long a session waits for room in flight before 452.
    pub room_wait: Duration,
    /// Time-outs of RFC 5321 section 4.5.3.2.
    pub timeouts: ReceiveTimeouts,
}

/// How long the server waits for its peer.
#[derive(Debug, Clone, Copy)]
pub struct ReceiveTimeouts {
    /// For the next command (RFC 5321 section 4.5.3.2.7: at least 5 minutes).
    pub command: Duration,
    /// For the next block of data.
    pub data: Duration,
    /// For a whole message from DATA to its end, so that one octet a second does not last for ever.
    pub message: Duration,
    /// For a TLS handshake or PROXY header.
    pub handshake: Duration,
}

/// Certificate of the receiving side.
#[derive(Debug, Clone)]
pub struct ReceiveTls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
    /// Whether mail is taken only after STARTTLS.
    pub required: bool,
    /// PEM file of the authorities that a client's certificate must come from. With it no handshake
    /// succeeds without one; without it none is asked for.
    pub client_authorities: Option<PathBuf>,
}

/// Settings of the conversion.
#[derive(Debug, Clone)]
pub struct Convert {
    /// Threads that sanitize, or that each wait for a worker process which does.
    pub workers: usize,
    /// The worker processes; `None`: the threads do it themselves. Taken at the start, not on reload.
    #[cfg(feature = "internet")]
    pub pool: Option<Arc<crate::workers::Pool>>,
    /// Longest time one message may take before it is held.
    pub deadline: Duration,
    /// Bounds of the work itself.
    pub limits: Limits,
}

/// Settings of the delivering side.
#[derive(Debug, Clone)]
pub struct Deliver {
    /// Next hops in order of preference. The first is the LGWAN mail server, the rest are its
    /// fallbacks.
    pub hops: Vec<Hop>,
    /// Connections at once to one hop.
    pub concurrency: usize,
    /// Messages on one connection before a new one is made.
    pub messages_per_connection: usize,
    /// How long an unused connection is kept.
    pub idle: Duration,
    /// When to try again.
    pub retry: Retry,
    /// Time-outs of RFC 5321 section 4.5.3.2.
    pub timeouts: DeliverTimeouts,
}

/// A mail server that messages are handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether and how TLS is used.
    pub tls: HopTls,
    /// PEM file of the authorities that certificates are checked against.
    pub tls_authorities: Option<PathBuf>,
    /// The certificate that we show when asked.
    pub identity: Option<HopIdentity>,
    /// User name and file with the password, for SMTP AUTH.
    pub login: Option<HopLogin>,
    /// Whether it is a gate of ours, which is asked what became of a message it has taken.
    pub is_gate: bool,
}

impl Hop {
    /// `host:port`, as the configuration and the log write it.
    pub fn name(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// What we prove who we are by, toward a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopIdentity {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

/// Credentials for a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopLogin {
    /// User name.
    pub user: String,
    /// File that holds the password, and nothing else but a line end.
    pub password_file: PathBuf,
}

/// How TLS is used toward a hop, in the words of Postfix's `smtp_tls_security_level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HopTls {
    /// Never.
    None,
    /// When offered, whatever the certificate; in the clear otherwise.
    May,
    /// Always, whatever the certificate.
    Encrypt,
    /// Always, with a certificate of a known authority for the host's name.
    Verify,
}

/// When a deferred message is tried again: exponential back-off with jitter.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// After the first failure.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// When the message has failed for good.
    pub give_up: Duration,
    /// When its sender is told of the delay; zero for never.
    pub delay_report: Duration,
}

/// How long the client waits for its peer.
#[derive(Debug, Clone, Copy)]
pub struct DeliverTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to a command, the greeting and a TLS handshake.
    pub command: Duration,
    /// For the answer to the end of data.
    pub end_of_data: Duration,
}

/// Where delivery reports (RFC 3464) go: a mail server of the Internet segment.
#[derive(Debug, Clone)]
pub struct Reports {
    /// The mail server that takes reports for senders.
    pub hop: Hop,
    /// The `From` of reports.
    pub from: Address,
}

/// Where approved originals go by mail: a mail server of the Internet segment.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// The mail server that has the Internet-side mailboxes.
    pub hop: Hop,
    /// Who hands over: sender and `Resent-From`.
    pub from: Address,
}

/// When stored messages are removed.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Octets of stored bodies above which the oldest finished messages go before their time.
    pub max_octets: Option<u64>,
    /// Pause between two rounds of removal.
    pub interval: Duration,
}

/// The organisations of a gateway, found by recipient domain.
#[derive(Debug, Clone, Default)]
pub struct Organisations(Vec<Arc<Organisation>>);

impl Organisations {
    /// Organisations in the order of the configuration.
    pub fn new(organisations: Vec<Organisation>) -> Self {
        Self(organisations.into_iter().map(Arc::new).collect())
    }

    /// The organisation that `domain` belongs to.
    pub fn for_domain(&self, domain: &Domain) -> Option<&Arc<Organisation>> {
        self.0.iter().find(|organisation| organisation.domains.contains(domain))
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<Organisation>> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Organisations {
    type Item = &'a Arc<Organisation>;
    type IntoIter = std::slice::Iter<'a, Arc<Organisation>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
