//! A message in a lane.

use std::time::Instant;

use sekimori_journal::{DueMessage, DueRecipient, Route};
use sekimori_policy::{Envelope, QueueId, ReversePath, Timestamp};
use tracing::Span;

use super::PARCEL_TEXT_OCTETS;

/// A message ready to be handed over, with the recipients that are due.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) queue_id: QueueId,
    pub(crate) route: Route,
    pub(crate) organisation: String,
    pub(crate) sender: ReversePath,
    pub(crate) recipients: Vec<DueRecipient>,
    pub(crate) received_at: Timestamp,
    /// The text, when it is small and at hand; read from the journal otherwise.
    pub(crate) text: Option<Vec<u8>>,
    /// When the message was last known to be queued, neither held nor deleted.
    pub(crate) queued_as_of: Instant,
    pub(crate) span: Span,
}

impl Parcel {
    /// A message of which no recipient was tried yet.
    pub(crate) fn new(
        queue_id: QueueId,
        route: Route,
        organisation: &str,
        envelope: &Envelope,
        received_at: Timestamp,
    ) -> Self {
        let recipients = (0_u32..)
            .zip(&envelope.recipients)
            .map(|(index, address)| DueRecipient {
                index,
                address: address.clone(),
                attempts: 0,
                relayed: None,
            })
            .collect();
        Self {
            queue_id,
            route,
            organisation: organisation.to_owned(),
            sender: envelope.sender.clone(),
            recipients,
            received_at,
            text: None,
            queued_as_of: Instant::now(),
            span: Span::none(),
        }
    }

    /// With its text at hand, if that is small enough to wait in memory.
    pub(crate) fn with_text(mut self, text: Vec<u8>) -> Self {
        self.text = Some(text).filter(|text| text.len() <= PARCEL_TEXT_OCTETS);
        self
    }

    /// In the span of its receipt, so that its delivery is logged under it.
    pub(crate) fn with_span(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// Whether a gate has the message for these recipients, and is to be asked.
    pub(crate) fn is_relayed(&self) -> bool {
        self.recipients.iter().any(|recipient| recipient.relayed.is_some())
    }

    /// The envelope of the next attempt.
    pub(crate) fn envelope(&self) -> Envelope {
        Envelope {
            sender: self.sender.clone(),
            recipients: self.recipients.iter().map(|r| r.address.clone()).collect(),
        }
    }
}

impl From<DueMessage> for Parcel {
    /// The recipients whom a gate has to be asked about come first; the others stay due.
    fn from(due: DueMessage) -> Self {
        let (relayed, unsent): (Vec<_>, Vec<_>) =
            due.recipients.into_iter().partition(|recipient| recipient.relayed.is_some());
        let recipients = if relayed.is_empty() { unsent } else { relayed };
        Self {
            queue_id: due.queue_id,
            route: due.route,
            organisation: due.organisation,
            sender: due.sender,
            recipients,
            received_at: due.received_at,
            text: None,
            queued_as_of: Instant::now(),
            span: tracing::info_span!("message", queue_id = %due.queue_id),
        }
    }
}
