//! What all sessions and lanes share.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use sekimori_journal::{AuditKind, AuditRecord, Journal, JournalError, Submission};
use sekimori_policy::Code;
use sekimori_smtp::{BareLineEnds, RecipientDomains, Refusal, SessionSettings};
use serde_json::json;
use tokio::sync::{oneshot, watch};

use crate::convert::Converter;
use crate::counters::{Counters, Gauge};
use crate::deliver::Delivery;
use crate::exceptions::Exceptions;
use crate::receive::room::Room;
use crate::receive::{Connections, tls};
use crate::settings::Settings;
use crate::{RelayError, now};

/// The configuration in force, with what is derived from it.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) settings: Settings,
    pub(crate) session: Arc<SessionSettings>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
}

impl Live {
    /// Reads the certificate and derives what sessions need.
    pub(crate) fn new(settings: Settings) -> Result<Self, RelayError> {
        let receive = &settings.receive;
        let tls = receive.tls.as_ref().map(tls::server_config).transpose()?;
        let domains =
            settings.organisations.iter().flat_map(|o| o.domains.iter().cloned()).collect();
        let defaults = SessionSettings::new(
            settings.hostname.clone(),
            Arc::new(RecipientDomains::new(domains)),
        );
        let session = SessionSettings {
            max_message_octets: receive.max_message_octets,
            max_recipients: receive.max_recipients,
            max_commands: u32::try_from(receive.max_commands).unwrap_or(u32::MAX),
            max_errors: u32::try_from(receive.max_errors).unwrap_or(u32::MAX),
            bare_line_ends: if receive.normalise_line_ends {
                BareLineEnds::Normalise
            } else {
                BareLineEnds::Refuse
            },
            starttls_offered: tls.is_some(),
            require_tls: receive.tls.as_ref().is_some_and(|tls| tls.required),
            ..defaults
        };
        Ok(Self { session: Arc::new(session), tls, settings })
    }
}

/// What all sessions and lanes share.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) converter: Converter,
    /// Messages that wait for their conversion or are in it.
    pub(crate) in_conversion: Arc<Gauge>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) room: Room,
    /// Room for what was converted and waits for the journal, in octets as they are stored.
    pub(crate) journal_room: Room,
    /// Connections of listed peers.
    pub(crate) connections: Connections,
    /// Connections of all others.
    pub(crate) strangers: Connections,
    pub(crate) delivery: Delivery,
    /// The approved exceptions, as they were read last.
    pub(crate) exceptions: Arc<Exceptions>,
    pub(crate) live: watch::Sender<Arc<Live>>,
}

impl Shared {
    /// The configuration in force now.
    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.borrow())
    }

    /// Makes a submission durable.
    pub(crate) async fn submit(&self, submission: Submission) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        self.journal.submit(
            submission,
            Box::new(move |result| {
                let _ = done.send(result);
            }),
        );
        answer.await.unwrap_or(Err(JournalError::NotWriting))
    }

    /// Puts a refused peer on record.
    pub(crate) fn refused_peer(&self, peer: IpAddr) {
        self.counters.connections_refused.increment();
        tracing::warn!("a peer that is not listed in receive.trusted_peers was refused");
        self.audit_refusal(None, json!({"code": Code::RejectPeer, "peer": peer.to_string()}));
    }

    /// Puts a refusal of the session on record.
    pub(crate) fn refused(&self, peer: IpAddr, refusal: &Refusal) {
        self.counters.refusals.increment();
        tracing::info!(
            code = %refusal.code,
            reply = refusal.reply.code().get(),
            "refused: {}",
            refusal.code.english()
        );
        self.audit_refusal(
            None,
            json!({
                "code": refusal.code,
                "peer": peer.to_string(),
                "reply": format!("{} {}", refusal.reply.code().get(), refusal.reply.text()),
                "sender": refusal.sender.as_ref().map(sekimori_policy::ReversePath::as_str),
                "recipient": refusal.recipient,
            }),
        );
    }

    /// Puts a refusal on record: on that of an organisation, when one of its rules refuses.
    pub(crate) fn audit_refusal(&self, organisation: Option<String>, details: serde_json::Value) {
        self.journal.append_audit(AuditRecord {
            at: now(),
            kind: AuditKind::Refused,
            organisation,
            queue_id: None,
            reference: None,
            actor: None,
            details,
        });
    }
}
