//! Originals and removed parts to mailboxes of the Internet segment, once a request was approved.
//!
//! This is the only place from which an original leaves by SMTP, and it has a way to one place: the
//! hop of `[hand_over]`, which must be in the Internet segment and can be no next hop of `[deliver]`.
//! It shares no lane, line or worker with delivery toward LGWAN, which knows texts alone.
//!
//! An original goes as it was received, with a trace in front of it (RFC 5322 section 3.6.6), so that
//! its reader sees it as it was sent. Removed parts go as attachments of a mail of our own.
//!
//! Bounds: one at a time, [`AT_ONCE`] looked up at once; retries and time-outs as in `[deliver]`.

mod mail;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lettre::address::Envelope;
use sekimori_journal::JournalError;
use sekimori_journal::register::{HandOver, HandOverResult, Register, Wanted};
use sekimori_policy::{Segment, Timestamp};
use sekimori_sanitize::removed_octets;

use crate::deliver::{Dialer, pause};
use crate::now;
use crate::settings::{self, Settings};
use crate::stop::Stop;

/// Hand-overs fetched from the register at once.
const AT_ONCE: usize = 20;
/// Pause between two looks at what is due.
const PAUSE: Duration = Duration::from_secs(1);

/// Hands over what is due until told to stop.
pub(crate) async fn hand_over(register: Arc<dyn Register>, settings: Settings, mut stopping: Stop) {
    let Some(hand_over) = settings.hand_over.clone() else { return };
    let desk = Desk {
        dialer: Dialer {
            hostname: settings.hostname.clone(),
            segments: settings.segments.clone(),
            side: Segment::Internet,
            timeouts: settings.deliver.timeouts,
        },
        settings,
        hand_over,
        register,
    };
    loop {
        if let Err(error) = desk.round(&stopping).await {
            tracing::error!(%error, "hand-overs could not be looked up or recorded");
        }
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

struct Desk {
    register: Arc<dyn Register>,
    settings: Settings,
    hand_over: settings::HandOver,
    dialer: Dialer,
}

/// Why a hand-over did not succeed.
enum Failure {
    /// It may succeed later.
    Later(String),
    /// It never will.
    Never(String),
}

impl Desk {
    /// Hands over all that is due.
    async fn round(&self, stopping: &Stop) -> Result<(), JournalError> {
        loop {
            let due = self.ask(|register| register.due_hand_overs(now(), AT_ONCE)).await?;
            if due.is_empty() {
                return Ok(());
            }
            for one in due {
                if stopping.is_given() {
                    return Ok(());
                }
                let result = self.result(&one).await;
                self.ask(move |register| register.record_hand_over(one.id, &result, now())).await?;
            }
        }
    }

    async fn result(&self, one: &HandOver) -> HandOverResult {
        match self.try_once(one).await {
            Ok(reply) => {
                tracing::info!(queue_id = %one.queue_id, reference = %one.reference, "handed over");
                HandOverResult::Done { reply }
            }
            Err(Failure::Never(reply)) => {
                tracing::warn!(queue_id = %one.queue_id, reference = %one.reference, "a hand-over was refused");
                HandOverResult::Failed { reply }
            }
            Err(Failure::Later(reply)) => {
                tracing::info!(queue_id = %one.queue_id, reference = %one.reference, "a hand-over is deferred");
                self.later(one, reply)
            }
        }
    }

    fn later(&self, one: &HandOver, reply: String) -> HandOverResult {
        let retry = &self.settings.deliver.retry;
        let attempts = one.attempts.saturating_add(1);
        let pause = pause(retry, attempts, getrandom::u64().unwrap_or(0));
        // Attempts are at least the pauses apart, so their number tells that the time is over.
        let tried =
            (1..attempts).fold(Duration::ZERO, |sum, n| sum + crate::deliver::pause(retry, n, 0));
        if tried > retry.give_up {
            return HandOverResult::Failed { reply };
        }
        let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let next_attempt = Timestamp::japanese_time(now().unix_millis().saturating_add(millis));
        HandOverResult::Deferred { reply, next_attempt }
    }

    async fn try_once(&self, one: &HandOver) -> Result<String, Failure> {
        let id = one.queue_id;
        let original = self
            .ask(move |register| register.original(id))
            .await
            .map_err(|error| Failure::Later(error.to_string()))?;
        let octets = match &one.wanted {
            Wanted::Original => {
                mail::resent(one, &self.hand_over.from, &self.dialer.hostname, now(), &original)
            }
            Wanted::Parts(sections) => {
                let parts = self.parts(one, sections.clone(), original).await?;
                mail::with_parts(one, &self.hand_over.from, parts).map_err(Failure::Never)?
            }
            Wanted::Text => {
                return Err(Failure::Never("a text is delivered, not handed over".to_owned()));
            }
        };
        let envelope = envelope(&self.hand_over, one).map_err(Failure::Never)?;
        let mut connection = self
            .dialer
            .connect(&self.hand_over.hop)
            .await
            .map_err(|error| Failure::Later(error.to_string()))?;
        let answer = connection.hand_over(&envelope, &octets).await;
        connection.quit().await;
        answer.map_err(
            |(permanent, reply)| {
                if permanent { Failure::Never(reply) } else { Failure::Later(reply) }
            },
        )
    }

    /// Removed parts, read out of the original again.
    async fn parts(
        &self,
        one: &HandOver,
        sections: Vec<String>,
        original: Vec<u8>,
    ) -> Result<Vec<mail::Part>, Failure> {
        let organisation = self
            .settings
            .organisations
            .iter()
            .find(|organisation| organisation.name == one.organisation)
            .cloned()
            .ok_or_else(|| Failure::Later("the organisation is not configured".to_owned()))?;
        let limits = self.settings.convert.limits.clone();
        let deadline = Instant::now() + self.settings.convert.deadline;
        let id = one.queue_id;
        let read = self.ask(move |register| {
            let listed = register.message(id.into())?.map(|m| m.removed).unwrap_or_default();
            let wanted: Vec<_> =
                listed.into_iter().filter(|part| sections.contains(&part.section)).collect();
            let stop = || Instant::now() > deadline;
            let octets = removed_octets(&original, &wanted, &organisation, &limits, &stop);
            Ok(wanted.into_iter().zip(octets).collect::<Vec<_>>())
        });
        let read = read.await.map_err(|error| Failure::Later(error.to_string()))?;
        read.into_iter()
            .map(|(part, octets)| {
                let name = part.name;
                octets
                    .map(|octets| mail::Part { name: name.clone(), octets })
                    .ok_or_else(|| Failure::Never(format!("{name} cannot be read out again")))
            })
            .collect()
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Register) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let register = Arc::clone(&self.register);
        tokio::task::spawn_blocking(move || work(&*register))
            .await
            .map_err(|_| JournalError::NotWriting)?
    }
}

fn envelope(hand_over: &settings::HandOver, one: &HandOver) -> Result<Envelope, String> {
    let parsed = |text: &str| text.parse().map_err(|error| format!("{text}: {error}"));
    let from = parsed(hand_over.from.as_str())?;
    let to = parsed(one.recipient.as_str())?;
    Envelope::new(Some(from), vec![to]).map_err(|error| error.to_string())
}
