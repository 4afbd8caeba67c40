//! Checkpoints and records to a syslog server: RFC 5424 over TLS (RFC 5425).
//!
//! Syslog has no acknowledgement. What was written counts as sent once the connection has stood for
//! a second after it; when it breaks before, it is sent again. So nothing is left out, and a few
//! messages may come twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sekimori_journal::{AuditFilter, AuditScope, Follower, Journal, JournalError, cef};
use sekimori_policy::{Segment, SegmentMap, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::POLL;
use crate::deliver::client_config;
use crate::settings;
use crate::stop::Stop;
use crate::{RelayError, settings::Syslog};

/// Records, and checkpoints, sent at once. Each may have some megabytes of details until it is cut.
const AT_ONCE: usize = 16;
/// How long a connection must stand for what was written to count as sent.
const SETTLING: Duration = Duration::from_secs(1);
/// For a connection, a handshake, or a batch to be taken.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Facility 13 (log audit), severity 6 (informational): RFC 5424 section 6.2.1.
const PRIORITY: u32 = 13 * 8 + 6;
/// Longest MSGID (RFC 5424 section 6).
const MAX_MESSAGE_ID: usize = 32;

/// Where to send, ready for use.
pub(crate) struct Target {
    syslog: Syslog,
    tls: Arc<ClientConfig>,
    hostname: String,
    segments: SegmentMap,
    /// The segment that the server must be in: our own.
    side: Segment,
}

impl Target {
    /// Reads the authorities.
    pub(crate) fn new(settings: &settings::Settings) -> Result<Option<Self>, RelayError> {
        let Some(syslog) = settings.audit.syslog.clone() else { return Ok(None) };
        let hop = settings::Hop {
            host: syslog.host.clone(),
            port: syslog.port,
            tls: settings::HopTls::Verify,
            tls_authorities: Some(syslog.authorities.clone()),
            identity: None,
            login: None,
            is_gate: false,
        };
        Ok(client_config(&hop)?.map(|tls| Self {
            syslog,
            tls,
            hostname: settings.hostname.clone(),
            segments: settings.segments.clone(),
            side: settings.half.segment(),
        }))
    }

    async fn connect(&self) -> Result<TlsStream<TcpStream>, String> {
        let (host, port) = (self.syslog.host.as_str(), self.syslog.port);
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let addresses =
            tokio::net::lookup_host((host, port)).await.map_err(|error| error.to_string())?;
        let mut last = "no address".to_owned();
        for address in addresses {
            if self.segments.segment_of(address.ip()).is_some_and(|s| s != self.side) {
                "an address in a forbidden segment".clone_into(&mut last);
                continue;
            }
            let stream = match TcpStream::connect(address).await {
                Ok(stream) => stream,
                Err(error) => {
                    last = error.to_string();
                    continue;
                }
            };
            let connector = TlsConnector::from(Arc::clone(&self.tls));
            return connector.connect(name, stream).await.map_err(|error| error.to_string());
        }
        Err(last)
    }
}

/// How far records and checkpoints were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    records: u64,
    checkpoints: u64,
}

/// Sends until told to stop.
pub(crate) async fn send(journal: Arc<dyn Journal>, target: Target, mut stopping: Stop) {
    let target = Arc::new(target);
    let mut pause = POLL;
    let mut is_away = false;
    loop {
        let session = async {
            let stream = timeout(PATIENCE, target.connect())
                .await
                .unwrap_or_else(|_| Err("no answer in time".to_owned()))?;
            Ok::<_, String>(stream)
        };
        let stream = tokio::select! {
            () = stopping.given() => return,
            stream = session => stream,
        };
        let error = match stream {
            Ok(stream) => {
                if std::mem::take(&mut is_away) {
                    tracing::info!("the syslog server is there again");
                }
                pause = POLL;
                match follow(&journal, &target, stream, &mut stopping).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        if !std::mem::replace(&mut is_away, true) {
            tracing::warn!(%error, "the syslog server does not take audit records; they wait");
        }
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Sends over one connection. `Ok` when told to stop.
async fn follow(
    journal: &Arc<dyn Journal>,
    target: &Arc<Target>,
    mut stream: TlsStream<TcpStream>,
    stopping: &mut Stop,
) -> Result<(), String> {
    let mut sent = blocking(journal, |journal| {
        Ok(Position {
            records: journal.followed(Follower::SyslogRecords)?,
            checkpoints: journal.followed(Follower::SyslogCheckpoints)?,
        })
    })
    .await?;
    let mut kept = sent;
    let (mut settling, mut since) = (sent, Instant::now());
    loop {
        let (frames, next) = {
            let target = Arc::clone(target);
            blocking(journal, move |journal| frames(journal, &target, sent)).await?
        };
        if frames.is_empty() {
            let stopped = tokio::select! {
                () = stopping.given() => true,
                () = tokio::time::sleep(POLL) => false,
            };
            if stopped {
                // Says goodbye; what has not settled is sent again next time.
                let _ = timeout(PATIENCE, stream.shutdown()).await;
                return Ok(());
            }
        } else {
            let written = async {
                stream.write_all(&frames).await?;
                stream.flush().await
            };
            tokio::select! {
                () = stopping.given() => return Ok(()),
                written = timeout(PATIENCE, written) => written
                    .map_err(|_| "no answer in time".to_owned())?
                    .map_err(|error| error.to_string())?,
            }
            sent = next;
        }
        still_there(&mut stream).await?;
        if since.elapsed() >= SETTLING {
            if settling != kept {
                blocking(journal, move |journal| {
                    journal.set_followed(Follower::SyslogRecords, settling.records)?;
                    journal.set_followed(Follower::SyslogCheckpoints, settling.checkpoints)
                })
                .await?;
                kept = settling;
            }
            (settling, since) = (sent, Instant::now());
        }
    }
}

/// A syslog server says nothing: what can be read is the end.
async fn still_there(stream: &mut TlsStream<TcpStream>) -> Result<(), String> {
    let mut octets = [0; 64];
    match timeout(Duration::ZERO, stream.read(&mut octets)).await {
        Ok(Ok(0)) => Err("the connection was closed".to_owned()),
        Err(_) | Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
    }
}

async fn blocking<T: Send + 'static>(
    journal: &Arc<dyn Journal>,
    work: impl FnOnce(&dyn Journal) -> Result<T, JournalError> + Send + 'static,
) -> Result<T, String> {
    let journal = Arc::clone(journal);
    let done = tokio::task::spawn_blocking(move || work(&*journal)).await;
    done.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// The next messages, framed, and the position after them.
fn frames(
    journal: &dyn Journal,
    target: &Target,
    sent: Position,
) -> Result<(Vec<u8>, Position), JournalError> {
    let version = env!("CARGO_PKG_VERSION");
    let mut next = sent;
    let mut octets = Vec::new();
    if target.syslog.records {
        for entry in journal.audit_entries(&AuditFilter::default(), sent.records, AT_ONCE)? {
            next.records = entry.sequence;
            let text = cef::record(&entry, version);
            octets.extend(frame(&target.hostname, entry.at, &entry.kind, &text));
        }
    }
    for stored in journal.checkpoints(&AuditScope::All, sent.checkpoints, AT_ONCE)? {
        next.checkpoints = stored.id;
        let text = cef::checkpoint(&stored.checkpoint, version);
        octets.extend(frame(&target.hostname, stored.checkpoint.at, "checkpoint", &text));
    }
    Ok((octets, next))
}

/// One message of RFC 5424 with the count of its octets before it (RFC 5425 section 4.3).
fn frame(hostname: &str, at: Timestamp, id: &str, text: &str) -> Vec<u8> {
    let id: String = id.chars().filter(char::is_ascii_graphic).take(MAX_MESSAGE_ID).collect();
    let id = if id.is_empty() { "-" } else { &id };
    let at = at.rfc3339();
    // The mark before the text says that it is UTF-8 (RFC 5424 section 6.4).
    let message = format!("<{PRIORITY}>1 {at} {hostname} sekimori - {id} - \u{FEFF}{text}");
    format!("{} {message}", message.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_how_many_octets_follow() {
        let at = Timestamp::japanese_time(1_789_977_600_000);
        let frame = String::from_utf8(frame("gw.example.jp", at, "held あ", "文")).unwrap();
        let (count, message) = frame.split_once(' ').unwrap();
        assert_eq!(count.parse::<usize>().unwrap(), message.len());
        assert_eq!(
            message,
            "<110>1 2026-09-21T17:00:00.000+09:00 gw.example.jp sekimori - held - \u{FEFF}文"
        );
    }
}
