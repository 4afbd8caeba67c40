//! Receiving: listeners, who may connect, and how many at once.

mod client;
mod connection;
mod connections;
pub(crate) mod room;
pub(crate) mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use sekimori_smtp::Reply;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::Instrument;

pub(crate) use client::client_record;
pub(crate) use connections::Connections;

use room::Room;

use crate::RelayError;
use crate::settings::Receive;
use crate::shared::Shared;
use crate::stop::Stop;

/// Connections that the kernel holds for us while we are busy.
const BACKLOG: i32 = 1024;
/// Connections at once of peers that are not listed, which only hear their refusal. They are counted
/// apart, so that they take no place of a listed peer.
const MAX_STRANGERS: usize = 50;
/// Connections at once of one peer that is not listed.
const MAX_STRANGERS_PER_PEER: usize = 10;
/// Pause after the system refuses to give us another connection (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The room for messages in flight. A message may have that of the buffer beside its own.
pub(crate) fn room_for_messages(receive: &Receive) -> Room {
    let largest = receive.max_message_octets.saturating_add(connection::READ_OCTETS);
    Room::new(receive.max_octets_in_flight, largest, receive.room_wait)
}

/// Octets, as they are stored, that may wait for the journal: less than it lets wait itself, so that
/// it has room for results.
const OCTETS_TO_JOURNAL: usize = 60 * 1024 * 1024;
/// Octets that a message counts for at most among them. A larger one waits for most of the room.
const LARGEST_TO_JOURNAL: usize = 48 * 1024 * 1024;

/// The room of messages that wait for the journal. Without it many large ones that come at once would
/// find the journal busy, and be refused when a little patience gets them in.
pub(crate) fn room_for_journal(receive: &Receive) -> Room {
    Room::new(OCTETS_TO_JOURNAL, LARGEST_TO_JOURNAL, receive.room_wait)
}

/// Opens a listener. `SO_REUSEADDR`, so that a restart does not wait for old connections.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, RelayError> {
    let open = || -> std::io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    open().map_err(|source| RelayError::Listen { address, source })
}

/// Accepts and serves connections until told to stop, then waits for the sessions to end.
pub(crate) async fn listen(listener: TcpListener, shared: Arc<Shared>, stopping: Stop) {
    let mut sessions = JoinSet::new();
    let mut told = stopping.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => begin(stream, peer, &shared, &stopping, &mut sessions),
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = sessions.join_next(), if !sessions.is_empty() => {}
            () = told.given() => break,
        }
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
}

fn begin(
    stream: TcpStream,
    peer: SocketAddr,
    shared: &Arc<Shared>,
    stopping: &Stop,
    sessions: &mut JoinSet<()>,
) {
    let receive = &shared.live().settings.receive;
    let address = peer.ip().to_canonical();
    let is_listed =
        [&receive.trusted_peers, &receive.proxy_peers].into_iter().any(|n| contains(n, address));
    let entry = if is_listed {
        let (all, per_peer) = (receive.max_connections, receive.max_connections_per_peer);
        shared.connections.enter(address, all, per_peer)
    } else {
        shared.strangers.enter(address, MAX_STRANGERS, MAX_STRANGERS_PER_PEER)
    };
    let Some(entry) = entry else {
        shared.counters.connections_refused.increment();
        tracing::warn!(peer = %peer.ip(), "too many connections; one is answered 421");
        let task = turn_away(stream);
        sessions.spawn(task);
        return;
    };
    shared.counters.connections.increment();
    let open = shared.counters.sessions.enter();
    let shared = Arc::clone(shared);
    let stopping = stopping.clone();
    let span = tracing::info_span!("session", peer = %peer.ip());
    sessions.spawn(
        async move {
            // Small replies must not wait for the peer's acknowledgement of the last (Nagle).
            if stream.set_nodelay(true).is_ok() {
                connection::serve(stream, peer, shared, stopping).await;
            }
            drop((entry, open));
        }
        .instrument(span),
    );
}

/// Whether one of the networks has the address.
fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// Says 421 to a connection too many, without giving it a session.
async fn turn_away(mut stream: TcpStream) {
    const LIMIT: Duration = Duration::from_secs(2);
    let mut line = Vec::new();
    Reply::service_unavailable().write_to(&mut line);
    let _ = tokio::time::timeout(LIMIT, async {
        stream.write_all(&line).await?;
        stream.shutdown().await
    })
    .await;
}
