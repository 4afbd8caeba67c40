//! One message from its last octet to its answer: convert, verify, make durable.
//!
//! Recipients of several organisations make several messages of one original: each organisation has
//! its own notice, mode, 受付番号 and queue entry. A message that is held for a fault (not because an
//! organisation reviews everything) is accompanied by a second, small one that tells its recipients.

use std::sync::Arc;

use sekimori_journal::{Body, ClientRecord, JournalError, NewMessage, Route, Submission};
use sekimori_policy::{Code, Decisions, Effect, Envelope, Outcome, QueueId, ReversePath};
use sekimori_profile::verify;
use sekimori_sanitize::{Sanitized, Summary};
use sekimori_smtp::{ReceivedMessage, Reply};
use serde_json::json;
use tracing::Instrument;

use crate::conversion::{Converted, Job, Prepared, Share};
use crate::convert::ConvertFailure;
use crate::deliver::Parcel;
use crate::digest;
use crate::now;
use crate::receive::client_record;
use crate::settings::Organisations;
use crate::shared::{Live, Sanitizing, Shared};

impl Shared {
    /// Sees to one message that is to become text, and gives its answer.
    pub(crate) async fn take_as_text(
        &self,
        with: &Sanitizing,
        message: ReceivedMessage,
        live: &Live,
    ) -> Reply {
        let shares = match self.shares(with, &message.envelope, &live.settings.organisations) {
            Ok(shares) => shares,
            Err(reply) => return reply,
        };
        let Some(queue_id) = shares.first().map(|share| share.queue_id) else {
            return Reply::local_error();
        };
        let span = tracing::info_span!("message", %queue_id);
        let client = client_record(&message.client, message.protocol.as_str());
        let job = Job {
            data: message.data,
            shares,
            received_at: now(),
            host: live.settings.hostname.clone(),
            protocol: message.protocol.as_str(),
            limits: live.settings.convert.limits.clone(),
            counters: Arc::clone(&self.counters),
        };
        self.take(with, Arc::new(job), client, &span).instrument(span.clone()).await
    }

    /// Divides a transaction among the organisations, in the order of its recipients.
    fn shares(
        &self,
        with: &Sanitizing,
        envelope: &Envelope,
        organisations: &Organisations,
    ) -> Result<Vec<Share>, Reply> {
        let mut shares: Vec<Share> = Vec::new();
        for recipient in &envelope.recipients {
            // The session let no other domain pass; a reload may have removed one since.
            let Some(organisation) = organisations.for_domain(recipient.domain()) else {
                return Err(Reply::local_error());
            };
            let known =
                shares.iter_mut().find(|share| share.organisation.name == organisation.name);
            if let Some(share) = known {
                share.envelope.recipients.push(recipient.clone());
                continue;
            }
            let allocate = || self.journal.allocate().map_err(|error| self.unstored(&error));
            let (queue_id, reference) = allocate()?;
            shares.push(Share {
                organisation: Arc::clone(organisation),
                exceptions: with.exceptions.of(&organisation.name),
                envelope: Envelope {
                    sender: envelope.sender.clone(),
                    recipients: vec![recipient.clone()],
                },
                queue_id,
                reference,
                notice_id: allocate()?,
            });
        }
        Ok(shares)
    }

    async fn take(
        &self,
        with: &Sanitizing,
        job: Arc<Job>,
        client: ClientRecord,
        span: &tracing::Span,
    ) -> Reply {
        let in_conversion = with.in_conversion.enter();
        let at_work = Arc::clone(&job);
        let thread_span = span.clone();
        let workers = with.workers.clone();
        let outcome = with
            .converter
            .run(move |deadline| {
                thread_span.in_scope(|| at_work.convert(deadline, workers.as_deref()))
            })
            .await;
        let converted = match outcome {
            Ok(converted) => converted,
            Err(failure) => {
                self.counters.conversions_failed.increment();
                let code = match failure {
                    ConvertFailure::Panicked => Code::HoldError,
                    ConvertFailure::TimedOut => Code::HoldTime,
                    ConvertFailure::Unavailable => return self.unconverted(),
                };
                tracing::error!(?failure, "the conversion failed; the message is held");
                let failed = Arc::clone(&job);
                tokio::task::spawn_blocking(move || failed.hold(code)).await.unwrap_or_default()
            }
        };
        let Some(converted) = converted else {
            return self.unconverted();
        };
        self.counters.conversion_microseconds.add(converted.micros);
        drop(in_conversion);
        let others_follow = with.in_conversion.get() > 0;
        self.keep(&job, converted, client, others_follow, span).await
    }

    fn unconverted(&self) -> Reply {
        self.counters.temporary_failures.increment();
        Reply::local_error()
    }

    /// Makes the converted message durable, then hands it to delivery.
    async fn keep(
        &self,
        job: &Job,
        converted: Converted,
        client: ClientRecord,
        others_follow: bool,
        span: &tracing::Span,
    ) -> Reply {
        let Converted { original, messages, .. } = converted;
        if messages.iter().any(|m| m.sanitized.outcome == Outcome::Reject) {
            return self.rejected(job, &messages);
        }
        let texts = messages.iter().flat_map(|m| [Some(&m.text), m.notice.as_ref().map(|n| &n.1)]);
        let stored = [Some(&original)].into_iter().chain(texts).flatten().map(Body::stored_octets);
        let octets = usize::try_from(stored.sum::<u64>()).unwrap_or(usize::MAX);
        let Some(_room) = self.journal_room.enter(octets).await else {
            return self.unstored(&JournalError::Busy);
        };
        let mut submission =
            Submission { original: Some(original), others_follow, ..Submission::default() };
        let mut parcels = Vec::new();
        for (share, Prepared { sanitized, text, notice }) in job.shares.iter().zip(messages) {
            self.count(&sanitized);
            tracing::info!(
                reference = %share.reference,
                octets = job.data.len(),
                recipients = share.envelope.recipients.len(),
                removed = sanitized.removed.len(),
                outcome = ?sanitized.outcome,
                codes = %codes(&sanitized.decisions),
                "received"
            );
            if !sanitized.notify.is_empty() {
                let rules = sanitized.notify.join(", ");
                tracing::warn!(reference = %share.reference, rules, "a rule asks that people be told");
                if let Some(message) = self.told(job, share, &sanitized) {
                    submission.messages.push(message);
                }
            }
            if sanitized.outcome == Outcome::Deliver {
                parcels.push(parcel(
                    share.queue_id,
                    share,
                    &share.envelope,
                    job,
                    sanitized.message,
                    span,
                ));
            }
            if let Some((text, body)) = notice {
                let envelope = Envelope {
                    sender: ReversePath::NULL,
                    recipients: share.envelope.recipients.clone(),
                };
                parcels.push(parcel(share.notice_id.0, share, &envelope, job, text, span));
                submission.messages.push(notice_message(
                    share,
                    envelope,
                    job,
                    body,
                    &sanitized.summary,
                ));
            }
            submission.messages.push(NewMessage {
                queue_id: share.queue_id,
                reference: share.reference,
                route: Route::Forward,
                organisation: share.organisation.name.clone(),
                envelope: share.envelope.clone(),
                received_at: job.received_at,
                keep_until: job.received_at.plus_days(share.organisation.retention_days),
                client: client.clone(),
                outcome: sanitized.outcome,
                summary: summary(sanitized.summary),
                size: u64::try_from(job.data.len()).unwrap_or(u64::MAX),
                text,
                decisions: sanitized.decisions,
                removed: sanitized.removed,
            });
        }
        if let Err(error) = self.submit(submission).await {
            return self.unstored(&error);
        }
        for parcel in parcels {
            self.delivery.offer(parcel);
        }
        let ids: Vec<_> = job.shares.iter().map(|share| share.queue_id.to_string()).collect();
        Reply::queued(&ids.join(" "))
    }

    /// What reviewers are told of a message by its rules. `None` where there are no reviewers, or no
    /// number is to be had: then it is in the log alone.
    fn told(&self, job: &Job, share: &Share, sanitized: &Sanitized) -> Option<NewMessage> {
        let organisation = &share.organisation;
        if organisation.reviewers.is_empty() {
            return None;
        }
        let ids = self.journal.allocate().ok()?;
        let about = digest::text::About {
            reference: share.reference,
            from: &sanitized.summary.from,
            subject: &sanitized.summary.subject,
        };
        let rules = &sanitized.notify;
        let at = job.received_at;
        let written = digest::text::told(organisation, rules, &about, &job.host, ids, at);
        verify::verify(&written.octets, written.octets.len()).ok()?;
        Some(digest::new_message(organisation, written, ids, at))
    }

    fn count(&self, sanitized: &Sanitized) {
        self.counters.parts_removed.add(u64::try_from(sanitized.removed.len()).unwrap_or(0));
        if sanitized.outcome == Outcome::Hold {
            self.counters.messages_held.increment();
        }
        self.counters.verifier_refusals.add(sanitized.decisions.count(Code::HoldVerifier));
    }

    fn rejected(&self, job: &Job, messages: &[Prepared]) -> Reply {
        let code = messages
            .iter()
            .flat_map(|message| &message.sanitized.decisions)
            .map(|decision| decision.code)
            .find(|code| code.effect() == Effect::Reject)
            .unwrap_or(Code::RejectLoop);
        let is_by_rule = code == Code::RejectRule;
        self.counters.refusals.increment();
        tracing::warn!(%code, "refused: {}", code.english());
        let envelope = job.shares.first().map(|share| &share.envelope);
        let decisions = messages.iter().flat_map(|message| &message.sanitized.decisions);
        let mut rules = decisions.filter(|decision| decision.code == Code::RejectRule);
        let rule = rules.find_map(|decision| decision.detail.as_deref());
        let organisation = job.shares.first().map(|share| share.organisation.name.clone());
        self.audit_refusal(organisation.filter(|_| is_by_rule), json!({
            "code": code,
            "rule": rule,
            "sender": envelope.map(|envelope| envelope.sender.as_str()),
            "recipients": job.shares.iter().flat_map(|s| &s.envelope.recipients).collect::<Vec<_>>(),
        }));
        if is_by_rule { Reply::rule_refused() } else { Reply::mail_loop() }
    }
}

fn parcel(
    queue_id: QueueId,
    share: &Share,
    envelope: &Envelope,
    job: &Job,
    text: Vec<u8>,
    span: &tracing::Span,
) -> Parcel {
    Parcel::new(queue_id, Route::Forward, &share.organisation.name, envelope, job.received_at)
        .with_text(text)
        .with_span(span.clone())
}

fn notice_message(
    share: &Share,
    envelope: Envelope,
    job: &Job,
    text: Body,
    original: &Summary,
) -> NewMessage {
    let (queue_id, reference) = share.notice_id;
    NewMessage {
        queue_id,
        reference,
        route: Route::Forward,
        organisation: share.organisation.name.clone(),
        envelope,
        received_at: job.received_at,
        keep_until: job.received_at.plus_days(share.organisation.retention_days),
        client: ClientRecord::default(),
        outcome: Outcome::Deliver,
        summary: summary(original.clone()),
        size: text.plain_octets(),
        text,
        decisions: Decisions::new(),
        removed: Vec::new(),
    }
}

fn summary(summary: Summary) -> sekimori_journal::Summary {
    sekimori_journal::Summary {
        from: summary.from,
        subject: summary.subject,
        message_id: summary.message_id,
        date: summary.date,
    }
}

fn codes(decisions: &Decisions) -> String {
    decisions.iter().map(|decision| decision.code.as_str()).collect::<Vec<_>>().join(",")
}
