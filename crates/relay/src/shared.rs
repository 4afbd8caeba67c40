//! What all sessions and lanes share.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use sekimori_journal::{AuditKind, AuditRecord, Journal, JournalError, Route, Submission};
use sekimori_policy::{Code, Envelope};
use sekimori_smtp::{
    BareLineEnds, ReceivedMessage, RecipientDomains, Refusal, Reply, ReplyCode, SessionSettings,
};
use serde_json::json;
use tokio::sync::{oneshot, watch};

#[cfg(feature = "internet")]
use crate::canary;
use crate::convert::Converter;
use crate::counters::Counters;
#[cfg(feature = "internet")]
use crate::counters::Gauge;
use crate::crossing::Crossing;
use crate::deliver::Delivery;
#[cfg(feature = "internet")]
use crate::exceptions::Exceptions;
use crate::receive::room::Room;
use crate::receive::{Connections, tls};
#[cfg(feature = "internet")]
use crate::settings::Canary;
use crate::settings::{Half, Settings, WhenStopped};
#[cfg(feature = "internet")]
use crate::workers::Pool;
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
            status_offered: settings.half == Half::Lgwan,
            ..defaults
        };
        Ok(Self { session: Arc::new(session), tls, settings })
    }
}

/// What is done with a message before it is stored.
pub(crate) enum Transform {
    /// The half in the Internet segment makes it text.
    #[cfg(feature = "internet")]
    Sanitize(Sanitizing),
    /// The gate takes text alone. The verifier runs on these threads.
    Verify(Converter),
}

/// What making text needs.
#[cfg(feature = "internet")]
pub(crate) struct Sanitizing {
    pub(crate) converter: Converter,
    /// Processes that sanitize in place of the converter's threads, where there are any.
    pub(crate) workers: Option<Arc<Pool>>,
    /// Whose mail nobody else may send.
    pub(crate) canary: Option<Canary>,
    /// Messages that wait for their conversion or are in it.
    pub(crate) in_conversion: Arc<Gauge>,
    /// The approved exceptions, as they were read last.
    pub(crate) exceptions: Arc<Exceptions>,
}

/// What all sessions and lanes share.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) transform: Transform,
    pub(crate) counters: Arc<Counters>,
    pub(crate) room: Room,
    /// Room for what was converted and waits for the journal, in octets as they are stored.
    pub(crate) journal_room: Room,
    /// Connections of listed peers.
    pub(crate) connections: Connections,
    /// Connections of all others.
    pub(crate) strangers: Connections,
    pub(crate) delivery: Delivery,
    pub(crate) crossing: Arc<Crossing>,
    pub(crate) live: watch::Sender<Arc<Live>>,
}

impl Shared {
    /// The configuration in force now.
    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.borrow())
    }

    /// Sees to one received message and gives its answer.
    pub(crate) async fn intake(&self, message: ReceivedMessage, live: &Live) -> Reply {
        let octets = message.data.len();
        if live.settings.when_stopped == WhenStopped::Defer && self.is_stopped(&message, live) {
            self.counters.temporary_failures.increment();
            tracing::warn!("the crossing is stopped; a message is answered 450");
            return Reply::crossing_stopped();
        }
        let reply = match &self.transform {
            #[cfg(feature = "internet")]
            Transform::Sanitize(with) => match self.not_for_canaries(with, &message) {
                Ok(()) => self.take_as_text(with, message, live).await,
                Err(refusal) => refusal,
            },
            Transform::Verify(threads) => self.take_text(threads, message, live).await,
        };
        if reply.code().get() == 250 {
            self.counters.messages_received.increment();
            self.counters.octets_received.add(u64::try_from(octets).unwrap_or(u64::MAX));
        }
        reply
    }

    /// Only we send to the canaries' recipient: nobody else is to pass for one, or to stop the crossing.
    #[cfg(feature = "internet")]
    fn not_for_canaries(&self, with: &Sanitizing, message: &ReceivedMessage) -> Result<(), Reply> {
        let canary = with.canary.as_ref();
        let mut recipients = message.envelope.recipients.iter();
        if !recipients.any(|recipient| canary::is_recipient(canary, recipient)) {
            return Ok(());
        }
        self.counters.refusals.increment();
        tracing::info!("refused: mail to the canaries' recipient is sent by this gateway alone");
        Err(Reply::new(ReplyCode::REFUSED, 1, 1, "No such mailbox"))
    }

    /// The answer for a message that the journal did not take.
    pub(crate) fn unstored(&self, error: &JournalError) -> Reply {
        self.counters.temporary_failures.increment();
        tracing::error!(%error, "the journal did not take a message; the peer is told to try again");
        let (code, enhanced) = error.reply_code();
        let mut numbers = enhanced.split('.').skip(1).map(|n| n.parse().unwrap_or(0));
        let (subject, detail) = (numbers.next().unwrap_or(3), numbers.next().unwrap_or(0));
        match ReplyCode::new(code) {
            Some(code) => Reply::new(code, subject, detail, "The message cannot be stored now"),
            None => Reply::local_error(),
        }
    }

    /// Whether a message is stopped for any of its recipients.
    fn is_stopped(&self, message: &ReceivedMessage, live: &Live) -> bool {
        let Envelope { sender, recipients } = &message.envelope;
        recipients.iter().any(|recipient| {
            let organisation = live.settings.organisations.for_domain(recipient.domain());
            let name = organisation.map_or("", |organisation| organisation.name.as_str());
            self.crossing.is_stopped(Route::Forward, name, sender)
        })
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
