//! The gate: the half in the LGWAN segment, which takes text alone.
//!
//! A message that [`verify`] recognises is stored as it came, with a `Received` field of our own in
//! front, verified again, and delivered. Anything else is refused with 554 and the violation's code,
//! put on record and counted: the other half sends nothing else unless it is broken or somebody
//! else's.
//!
//! Nothing here decodes mail beyond what the verifier does, and nothing that does is linked.

use std::sync::Arc;

use sekimori_journal::{
    Body, ClientRecord, JournalError, NewMessage, RecipientState, Route, State, StopCause,
    StoredRecipient, Submission, Summary,
};
use sekimori_policy::{Code, Decisions, Envelope, Organisation, Outcome, QueueId};
use sekimori_profile::{HostName, Protocol, Received, Verified, Violation, verify};
use sekimori_smtp::status::{self, RecipientStatus};
use sekimori_smtp::{EnhancedCode, ReceivedMessage, Reply, ReplyCode};
use serde_json::json;
use tracing::Instrument;

use crate::convert::Converter;
use crate::deliver::Parcel;
use crate::now;
use crate::receive::client_record;
use crate::settings::Organisations;
use crate::shared::{Live, Shared};

/// What the verifier said of a message.
enum Checked {
    /// It is text. Its octets with our `Received` in front.
    Text { octets: Vec<u8>, body: Body, verified: Verified },
    /// It is not.
    Violation(Violation),
    /// It is, but another `Received` would be one too many.
    Loop,
}

impl Shared {
    /// Sees to one message that has to be text, and gives its answer.
    pub(crate) async fn take_text(
        &self,
        threads: &Converter,
        message: ReceivedMessage,
        live: &Live,
    ) -> Reply {
        let settings = &live.settings;
        let Some(organisation) = organisation_of(&message.envelope, &settings.organisations) else {
            return Reply::new(ReplyCode::FAILED, 5, 0, "Recipients of one organisation at a time");
        };
        let (queue_id, reference) = match self.journal.allocate() {
            Ok(ids) => ids,
            Err(error) => return self.unstored(&error),
        };
        let received_at = now();
        let received = Received {
            host: HostName::parse(&settings.hostname).unwrap_or_default(),
            protocol: message.protocol.as_str().parse().unwrap_or(Protocol::Esmtps),
            id: queue_id,
            date: received_at,
        };
        let most = settings.convert.limits.text_octets;
        let client = client_record(&message.client, message.protocol.as_str());
        let ReceivedMessage { envelope, data, .. } = message;
        let span = tracing::info_span!("message", %queue_id);
        let checking = threads.run(move |_| check(&received, &data, most));
        let (octets, text, verified) = match checking.instrument(span.clone()).await {
            Ok(Checked::Text { octets, body, verified }) => (octets, body, verified),
            Ok(Checked::Violation(violation)) => {
                return span.in_scope(|| self.violated(violation, &envelope, &client));
            }
            Ok(Checked::Loop) => {
                return span.in_scope(|| self.looped(&envelope));
            }
            Err(failure) => {
                tracing::error!(?failure, "a message could not be verified; it is answered 451");
                self.counters.conversions_failed.increment();
                self.counters.temporary_failures.increment();
                return Reply::local_error();
            }
        };
        let mut decisions = Decisions::new();
        // The number that people know is the one that the other half gave.
        decisions.add_detailed(Code::GateVerified, &verified.reference);
        let message = NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: organisation.name.clone(),
            envelope: envelope.clone(),
            received_at,
            keep_until: received_at.plus_days(organisation.retention_days),
            client,
            outcome: Outcome::Deliver,
            summary: Summary {
                from: verified.from,
                subject: verified.subject.unwrap_or_default(),
                message_id: verified.message_id.map(|id| id.trim_matches(['<', '>']).to_owned()),
                date: None,
            },
            size: text.plain_octets(),
            text,
            decisions,
            removed: Vec::new(),
        };
        let parcel =
            Parcel::new(queue_id, Route::Forward, &organisation.name, &envelope, received_at)
                .with_text(octets)
                .with_span(span.clone());
        self.keep_text(message, parcel, &verified.reference).instrument(span).await
    }

    /// What became of a message, for the half that handed it in. A message that somebody deleted here
    /// will not be delivered any more.
    pub(crate) async fn status(&self, id: QueueId) -> Reply {
        let journal = Arc::clone(&self.journal);
        let stored = tokio::task::spawn_blocking(move || journal.message(id.into())).await;
        let stored = match stored {
            Ok(Ok(Some(stored))) => stored,
            Ok(Ok(None)) => return status::unknown(),
            Ok(Err(error)) => return self.unstored(&error),
            Err(_) => return Reply::local_error(),
        };
        let is_deleted = stored.state == State::Deleted;
        let recipients: Vec<_> =
            stored.recipients.iter().map(|r| recipient(r, is_deleted)).collect();
        status::reply(&recipients)
    }

    /// Makes a text durable, then hands it to delivery.
    async fn keep_text(&self, message: NewMessage, parcel: Parcel, crossing: &str) -> Reply {
        let octets = usize::try_from(message.text.stored_octets()).unwrap_or(usize::MAX);
        let Some(_room) = self.journal_room.enter(octets).await else {
            return self.unstored(&JournalError::Busy);
        };
        let recipients = message.envelope.recipients.len();
        let id = message.queue_id;
        tracing::info!(reference = crossing, octets = message.size, recipients, "verified");
        let submission = Submission { messages: vec![message], ..Submission::default() };
        if let Err(error) = self.submit(submission).await {
            return self.unstored(&error);
        }
        self.delivery.offer(parcel);
        Reply::queued(&id.to_string())
    }

    /// Refuses what is no text, on record.
    fn violated(&self, violation: Violation, envelope: &Envelope, client: &ClientRecord) -> Reply {
        let code = Code::RejectViolation;
        self.counters.gate_violations.increment();
        self.counters.refusals.increment();
        tracing::error!(%code, %violation, "{}", code.english());
        self.crossing.stop_all(StopCause::Violation, &violation.to_string());
        self.audit_refusal(
            None,
            json!({
                "code": code,
                "violation": violation.fault.as_str(),
                "line": violation.line,
                "field": violation.field,
                "peer": client.address,
                "sender": envelope.sender.as_str(),
                "recipients": envelope.recipients,
            }),
        );
        Reply::new(ReplyCode::FAILED, 6, 0, format!("Not text-only: {violation}"))
    }

    /// Refuses a text that has come through too many halves already.
    fn looped(&self, envelope: &Envelope) -> Reply {
        let code = Code::RejectLoop;
        self.counters.refusals.increment();
        tracing::warn!(%code, "refused: {}", code.english());
        self.audit_refusal(
            None,
            json!({
                "code": code,
                "sender": envelope.sender.as_str(),
                "recipients": envelope.recipients,
            }),
        );
        Reply::mail_loop()
    }
}

/// What became of a message for one recipient: a state and a number, and no word of what the next
/// mail server said.
fn recipient(stored: &StoredRecipient, is_deleted: bool) -> RecipientStatus {
    match stored.state {
        RecipientState::Delivered => RecipientStatus::Delivered,
        RecipientState::Waiting if is_deleted => {
            RecipientStatus::Failed(EnhancedCode { subject: 7, detail: 0 })
        }
        RecipientState::Waiting => RecipientStatus::Waiting,
        RecipientState::Failed => {
            RecipientStatus::Failed(enhanced(stored.last_reply.as_deref().unwrap_or_default()))
        }
    }
}

/// Subject and detail of the enhanced code that a reply begins with, 0 where it has none.
fn enhanced(reply: &str) -> EnhancedCode {
    let word = reply.split(' ').find(|word| word.starts_with("5.")).unwrap_or_default();
    let mut numbers = word.split('.').skip(1).map(|n| n.parse().ok().filter(|&n| n < 1_000));
    let mut next = || numbers.next().flatten().unwrap_or(0);
    EnhancedCode { subject: next(), detail: next() }
}

/// The organisation that all recipients belong to: the other half sends each its own message. `None`
/// when they do not, or when a reload has taken their domain away since it was accepted.
fn organisation_of<'a>(
    envelope: &Envelope,
    organisations: &'a Organisations,
) -> Option<&'a Organisation> {
    let mut all = envelope.recipients.iter().map(|r| organisations.for_domain(r.domain()));
    let first = all.next()??;
    all.all(|other| other.is_some_and(|other| other.name == first.name)).then_some(first)
}

/// Verifies a message as it came, and as it would go on.
fn check(received: &Received, data: &[u8], most: usize) -> Checked {
    if let Err(violation) = verify::verify(data, most) {
        return Checked::Violation(violation);
    }
    let mut octets = received.field().into_bytes();
    octets.extend_from_slice(data);
    match verify::verify(&octets, most) {
        Ok(verified) => Checked::Text { body: Body::compress(&octets), octets, verified },
        Err(_) => Checked::Loop,
    }
}
