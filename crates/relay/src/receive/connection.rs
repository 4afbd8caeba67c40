//! Drives one SMTP session over one connection.
//!
//! The session itself ([`sekimori_smtp::Session`]) decides; here are the socket, the time-outs, the
//! room for messages and the handshake. Replies are written in one go, before every read.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use sekimori_smtp::{Event, Peer, Phase, Reply, Session, TlsRequest, proxy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;

use super::room::Share;
use super::{contains, tls};
use crate::shared::{Live, Shared};
use crate::stop::Stop;

/// Octets read at once. Each open connection holds one such buffer.
pub(super) const READ_OCTETS: usize = 32 * 1024;
/// How long a peer may take to read our replies.
const WRITE_TIMEOUT: Duration = Duration::from_secs(120);

/// Why a session ended or paused.
enum End {
    Closed,
    StartTls(TlsRequest),
}

/// What was read and not yet used.
struct Input {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    fn new() -> Self {
        Self { buffer: vec![0; READ_OCTETS], start: 0, end: 0 }
    }

    fn unused(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, octets: usize) {
        self.start = self.start.saturating_add(octets).min(self.end);
    }

    fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Reads once, after what is unused. Zero octets at the end of the stream.
    async fn read<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> std::io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        let octets = stream.read(free).await?;
        self.end += octets;
        Ok(octets)
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(
    mut stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    stopping: Stop,
) {
    let live = shared.live();
    let mut input = Input::new();
    let Some(address) = true_peer(&mut stream, peer.ip(), &live, &mut input).await else {
        tracing::debug!("no PROXY header came from a listed proxy");
        return;
    };
    let receive = &live.settings.receive;
    let smtp_peer = Peer { address, xforward_allowed: contains(&receive.xforward_peers, address) };
    let session = if contains(&receive.trusted_peers, address) {
        Session::new(Arc::clone(&live.session), smtp_peer)
    } else {
        shared.refused_peer(address);
        Session::refuse(Arc::clone(&live.session), smtp_peer, &Reply::peer_refused())
    };
    let mut driver = Driver { session, input, shared, live, stopping, address };
    if let Err(error) = driver.serve(stream).await {
        tracing::debug!(%error, "the connection broke");
    }
}

/// The peer's address: the socket's, or for a listed proxy the one in its header.
async fn true_peer(
    stream: &mut TcpStream,
    peer: IpAddr,
    live: &Live,
    input: &mut Input,
) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let receive = &live.settings.receive;
    if !contains(&receive.proxy_peers, peer) {
        return Some(peer);
    }
    let header = async {
        loop {
            match proxy::decode(input.unused()) {
                Ok(proxy::Decoded::Complete { consumed, source }) => {
                    input.consume(consumed);
                    return Some(source.map_or(peer, |source| source.ip().to_canonical()));
                }
                Ok(proxy::Decoded::Incomplete { .. })
                    if input.unused().len() < proxy::MAX_HEADER =>
                {
                    if input.read(stream).await.ok()? == 0 {
                        return None;
                    }
                }
                Ok(proxy::Decoded::Incomplete { .. }) | Err(_) => return None,
            }
        }
    };
    timeout(receive.timeouts.handshake, header).await.ok()?
}

struct Driver {
    session: Session,
    input: Input,
    shared: Arc<Shared>,
    live: Arc<Live>,
    stopping: Stop,
    address: IpAddr,
}

impl Driver {
    async fn serve(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let End::StartTls(request) = self.drive(&mut stream).await? else {
            return stream.shutdown().await;
        };
        // RFC 3207 section 4.2, and CVE-2011-0411: what came before the handshake is forgotten.
        self.input.clear();
        let Some(config) = self.live.tls.clone() else {
            return Ok(());
        };
        let handshake = TlsAcceptor::from(config).accept(stream);
        let limit = self.live.settings.receive.timeouts.handshake;
        let Ok(accepted) = timeout(limit, handshake).await else {
            return Ok(());
        };
        let mut stream = accepted?;
        self.session.tls_started(request, tls::info(&stream));
        self.drive(&mut stream).await?;
        stream.shutdown().await
    }

    async fn drive<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> std::io::Result<End> {
        let mut share = Share::none();
        // Whether what comes of the message is thrown away, so that it needs no room.
        let mut discarding = false;
        let mut message_deadline = None;
        // When the command that we wait for was due to begin.
        let mut awaited_since = Instant::now();
        if self.stopping.is_given() {
            self.session.shutting_down();
        }
        loop {
            if self.session.in_data() && !discarding && !self.make_room(&mut share).await {
                self.no_room();
                discarding = self.session.discard_data(Reply::storage_short());
                if discarding {
                    share = Share::none();
                }
            }
            let step = self.session.process(self.input.unused());
            self.input.consume(step.consumed);
            match step.event {
                Some(Event::StartTls(request)) => {
                    self.flush(stream).await?;
                    return Ok(End::StartTls(request));
                }
                Some(Event::DataRequested(request)) => {
                    let declared =
                        request.declared_size().and_then(|octets| usize::try_from(octets).ok());
                    // What one read brings stands in the buffer before it is in the message.
                    let begin = declared.unwrap_or(0).saturating_add(READ_OCTETS);
                    discarding = false;
                    if self.shared.room.grow(&mut share, begin).await {
                        let limit = self.live.settings.receive.timeouts.message;
                        message_deadline = Some(Instant::now() + limit);
                        self.session.accept_data(request);
                    } else {
                        self.no_room();
                        self.session.refuse_data(request, Reply::storage_short());
                    }
                }
                Some(Event::Message(message, turn)) => {
                    message_deadline = None;
                    let reply = self.shared.intake(*message, &self.live).await;
                    share = Share::none();
                    self.session.answer(turn, &reply);
                }
                Some(Event::Status(id, turn)) => {
                    let reply = self.shared.status(id).await;
                    self.session.answer_status(turn, &reply);
                }
                Some(Event::Refused(refusal)) => self.shared.refused(self.address, &refusal),
                Some(Event::Close) => {
                    self.flush(stream).await?;
                    return Ok(End::Closed);
                }
                None => {
                    if self.session.has_output() {
                        self.flush(stream).await?;
                        awaited_since = Instant::now();
                    }
                    if !self.session.in_data() {
                        share = Share::none();
                    }
                    let deadline = self.deadline(awaited_since, message_deadline);
                    if self.input.unused().is_empty() && !self.read(stream, deadline).await? {
                        return Ok(End::Closed);
                    }
                }
            }
        }
    }

    /// Makes room for what was read of a message before the session takes it.
    async fn make_room(&self, share: &mut Share) -> bool {
        let octets = self.session.buffered_octets().saturating_add(self.input.unused().len());
        self.shared.room.grow(share, octets).await
    }

    async fn flush<S: AsyncWrite + Unpin>(&mut self, stream: &mut S) -> std::io::Result<()> {
        if !self.session.has_output() {
            return Ok(());
        }
        let output = self.session.take_output();
        let write = async {
            stream.write_all(&output).await?;
            stream.flush().await
        };
        timeout(WRITE_TIMEOUT, write)
            .await
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
    }

    fn no_room(&self) {
        tracing::warn!("no room for a message came free in time; it is answered 452");
        self.shared.counters.temporary_failures.increment();
    }

    /// Until when more must have come. A command has its time as a whole, so that a peer cannot make
    /// it last by sending octet after octet; blocks of data have theirs each, and the message as a
    /// whole (RFC 5321 section 4.5.3.2).
    fn deadline(&self, awaited_since: Instant, message_deadline: Option<Instant>) -> Instant {
        let timeouts = self.live.settings.receive.timeouts;
        let deadline = match self.session.phase() {
            Phase::DataBlock => Instant::now() + timeouts.data,
            _ => awaited_since + timeouts.command,
        };
        message_deadline
            .filter(|_| self.session.in_data())
            .map_or(deadline, |whole| whole.min(deadline))
    }

    /// Reads more, or ends the session when nothing comes until `deadline` or the relay is stopping.
    /// False at the end of the stream.
    async fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        deadline: Instant,
    ) -> std::io::Result<bool> {
        tokio::select! {
            read = self.input.read(stream) => return Ok(read? > 0),
            () = tokio::time::sleep_until(deadline) => self.session.close_with(&Reply::timed_out()),
            () = self.stopping.given(), if !self.session.in_transaction() => {
                self.session.close_with(&Reply::service_unavailable());
            }
        }
        Ok(true)
    }
}
