//! Sends canaries on a schedule, and waits for what becomes of each.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{AuditKind, State, StopCause};
use sekimori_policy::QueueId;
use sekimori_smtp::client::dot_stuff;
use sekimori_smtp::{Event, Peer, Session, SessionSettings};
use tokio::time::Instant;

use super::mails::Kind;
use super::{goes_to_gate, record};
use crate::settings::{Canary, Settings};
use crate::shared::{Shared, Transform};
use crate::stop::Stop;

/// How often the journal is asked what became of a canary.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Passed,
    Failed,
    /// It waits for a person, and so shows nothing.
    Held,
    /// Refused for another reason than what is in it.
    Refused,
    Missing,
}

/// Sends one canary after the other until told to stop: the first at the start. `settings` are those
/// that the relay was started with.
pub(crate) async fn keep(shared: Arc<Shared>, settings: Settings, mut stopping: Stop) {
    let Some(canary) = &settings.canary else { return };
    let to_gate = goes_to_gate(&settings);
    for kind in Kind::ALL.into_iter().cycle() {
        let begun = Instant::now();
        if shared.crossing.is_all_stopped() {
            tracing::debug!("no canary is sent while the crossing is stopped");
        } else {
            tokio::select! {
                () = stopping.given() => return,
                () = one(&shared, canary, to_gate, kind) => {}
            }
        }
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep_until(begun + canary.every) => {}
        }
    }
}

async fn one(shared: &Shared, canary: &Canary, to_gate: bool, kind: Kind) {
    let Some(id) = send(shared, canary, kind).await else {
        return missing(shared, kind, None, "it was not taken");
    };
    match wait(shared, canary.patience, id).await {
        Ended::Held => tracing::warn!(
            kind = kind.as_str(),
            "a canary is held for a person: it does not show what crosses"
        ),
        Ended::Refused => {
            missing(
                shared,
                kind,
                Some(id),
                "it was refused: has the gate the same canary.recipient?",
            );
        }
        Ended::Missing => missing(shared, kind, Some(id), "it did not arrive in time"),
        // Where the sink is on this side, it has put the result on record.
        _ if !to_gate => {}
        Ended::Passed => {
            shared.counters.canaries_passed.increment();
            record(&*shared.journal, AuditKind::CanaryPassed, Some(id), None);
            tracing::info!(kind = kind.as_str(), "a canary arrived at the gate as harmless text");
        }
        Ended::Failed => {
            let reason = "the gate saw a marker of a canary that should have stayed behind";
            shared.counters.canaries_failed.increment();
            record(&*shared.journal, AuditKind::CanaryFailed, Some(id), Some(reason));
            shared.crossing.stop_all(StopCause::Canary, reason);
        }
    }
}

/// A canary that does not arrive has not come through either: it is on record and counted, and stops
/// nothing. A gate that is started anew must not take two people.
fn missing(shared: &Shared, kind: Kind, id: Option<QueueId>, why: &str) {
    shared.counters.canaries_missing.increment();
    record(&*shared.journal, AuditKind::CanaryFailed, id, Some(why));
    tracing::error!(kind = kind.as_str(), why, "a canary is missing");
}

/// Hands a canary in by a session of SMTP like any other, but for its socket: as if a mail server of this
/// machine had. Nobody else can send to its recipient.
async fn send(shared: &Shared, canary: &Canary, kind: Kind) -> Option<QueueId> {
    let Transform::Sanitize(with) = &shared.transform else { return None };
    let live = shared.live();
    let settings =
        SessionSettings { starttls_offered: false, require_tls: false, ..(*live.session).clone() };
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), xforward_allowed: false };
    let mut session = Session::new(Arc::new(settings), peer);
    let mail = kind.mail(&canary.recipient, getrandom::u64().ok()?);
    let commands =
        format!("EHLO canary\r\nMAIL FROM:<>\r\nRCPT TO:<{}>\r\nDATA\r\n", canary.recipient);
    let input = [commands.as_bytes(), &dot_stuff(&mail)].concat();
    let mut rest = input.as_slice();
    loop {
        let step = session.process(rest);
        rest = rest.get(step.consumed..).unwrap_or_default();
        match step.event {
            Some(Event::DataRequested(request)) => session.accept_data(request),
            Some(Event::Message(message, _)) => {
                let reply = shared.take_as_text(with, *message, &live).await;
                if reply.code().get() == 250 {
                    return reply.text().rsplit(' ').next()?.parse().ok();
                }
                tracing::error!(reply = %reply.text(), "a canary was not taken");
                return None;
            }
            Some(Event::Refused(refusal)) => {
                tracing::error!(reply = %refusal.reply.text(), "a canary was refused");
                return None;
            }
            Some(Event::Status(..) | Event::StartTls(_) | Event::Close) => return None,
            None if rest.is_empty() => return None,
            // Replies wait to be written, and nobody reads them.
            None => drop(session.take_output()),
        }
    }
}

async fn wait(shared: &Shared, patience: Duration, id: QueueId) -> Ended {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        let journal = Arc::clone(&shared.journal);
        let stored = tokio::task::spawn_blocking(move || journal.message(id.into())).await;
        match stored {
            Ok(Ok(Some(stored))) => match stored.state {
                State::Queued => {}
                State::Delivered => return Ended::Passed,
                // What was refused is held, too: its null sender cannot be told.
                State::Held | State::Failed | State::Deleted => {
                    let reply = stored.recipients.iter().find_map(|r| r.last_reply.as_deref());
                    return unsettled(reply.unwrap_or_default());
                }
            },
            Ok(Ok(None)) => return Ended::Missing,
            Ok(Err(error)) => {
                tracing::error!(%error, "the journal cannot say what became of a canary");
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ended::Missing
}

/// How a canary ended that was not delivered, by the last reply about it. The sink's refusal has the
/// code for what is in a message (RFC 3463 section 3.7).
fn unsettled(reply: &str) -> Ended {
    if reply.split(' ').any(|word| word == "5.6.0") {
        Ended::Failed
    } else if reply.starts_with('5') {
        Ended::Refused
    } else {
        Ended::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_a_canary_makes_it_fail() {
        assert_eq!(unsettled("554 5.6.0 the canary failed"), Ended::Failed);
        assert_eq!(unsettled("5.6.0 at the gate"), Ended::Failed);
        assert_eq!(unsettled("5.1.1 at the gate"), Ended::Refused);
        assert_eq!(unsettled(""), Ended::Held);
    }
}
