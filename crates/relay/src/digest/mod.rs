//! Digests for reviewers: what waits for them, and what of it nears the end of its time (保管期限).
//!
//! A digest is mail of our own: text of the profile, verified, journalled and delivered by the path of
//! all mail, from the null reverse-path (RFC 5321 section 4.5.5) and marked as made by a machine
//! (RFC 3834), so that nothing answers it. An organisation for whose reviewers nothing waits gets none.
//!
//! # Once
//! Hours that are over are kept in the journal, so that a restart neither repeats nor forgets one. Only a
//! machine that stops between the digest's commit and that of the hour sends it twice.
//!
//! # Bounds
//! [`text::MAX_LINES`] messages named in each part; one digest an organisation and hour.

pub(crate) mod text;

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{
    AuditKind, AuditRecord, Body, ClientRecord, Follower, JournalError, Listed, NewMessage, Order,
    Register, Route, Search, State, Submission, Summary,
};
use sekimori_policy::{
    Decisions, Envelope, Organisation, Outcome, QueueId, ReferenceNumber, ReversePath, Timestamp,
};
use sekimori_profile::verify;
use serde_json::json;

use crate::now;
use crate::shared::Shared;
use crate::stop::Stop;
use text::{Contents, MAX_LINES, Written};

/// Pause between two looks at the clock.
const PAUSE: Duration = Duration::from_secs(10);
/// The hour of reminders where no hour of digests is configured.
const REMINDER_HOUR: u8 = 9;
const HOUR_MILLIS: i64 = 3_600_000;

/// Sends digests at their hours until told to stop.
pub(crate) async fn keep(shared: Arc<Shared>, register: Arc<dyn Register>, mut stopping: Stop) {
    loop {
        if let Err(error) = look(&shared, &register, now()).await {
            tracing::error!(%error, "digests for reviewers were not sent; they are tried again");
        }
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Sends what is due in the hour of a moment, unless it was sent already.
async fn look(
    shared: &Shared,
    register: &Arc<dyn Register>,
    at: Timestamp,
) -> Result<(), JournalError> {
    let hour = u64::try_from(at.unix_millis() / HOUR_MILLIS).unwrap_or_default();
    let live = shared.live();
    let settings = &live.settings;
    let due: Vec<_> =
        settings.organisations.iter().filter(|o| is_due(o, hour_of_day(at))).cloned().collect();
    if due.is_empty() || register.followed(Follower::Digests)? >= hour {
        return Ok(());
    }
    for organisation in due {
        let read = Arc::clone(register);
        let of = Arc::clone(&organisation);
        let found = tokio::task::spawn_blocking(move || waiting(read.as_ref(), &of, at)).await;
        let Ok(contents) = found else { continue };
        let contents = contents?;
        if contents.count == 0 {
            continue;
        }
        let url = settings.review_url.as_deref();
        if let Some(submission) = digest(
            register.as_ref(),
            &organisation,
            &contents,
            settings.hostname.as_str(),
            url,
            at,
        )? {
            shared.submit(submission).await?;
        }
    }
    register.set_followed(Follower::Digests, hour)
}

/// Whether an organisation has something sent in this hour of the day.
fn is_due(organisation: &Organisation, hour: u8) -> bool {
    if organisation.reviewers.is_empty() {
        return false;
    }
    let reminds = organisation.digest_hours.is_empty() && organisation.expiry_reminder_days > 0;
    organisation.digest_hours.contains(&hour) || (reminds && hour == REMINDER_HOUR)
}

/// The hour of the day in Japan.
fn hour_of_day(at: Timestamp) -> u8 {
    let hours = at.unix_millis() / HOUR_MILLIS + i64::from(sekimori_policy::timestamp::JAPAN) / 60;
    u8::try_from(hours.rem_euclid(24)).unwrap_or_default()
}

/// What waits for an organisation's reviewers.
fn waiting(
    register: &dyn Register,
    organisation: &Organisation,
    at: Timestamp,
) -> Result<Contents, JournalError> {
    let held = Search {
        organisations: vec![organisation.name.clone()],
        states: vec![State::Held],
        order: Order::NewestFirst,
        ..Search::default()
    };
    let days = organisation.expiry_reminder_days;
    let mut ending: Vec<Listed> = Vec::new();
    if days > 0 {
        // Nothing is kept for less long than the organisation's days; what was extended is passed over.
        let age = organisation.retention_days.saturating_sub(days);
        let until = at.unix_millis().saturating_sub(i64::from(age) * 24 * HOUR_MILLIS);
        let until = Some(Timestamp::japanese_time(until.saturating_add(1)));
        let old = Search { until, order: Order::OldestFirst, ..held.clone() };
        let limit = at.plus_days(days);
        ending = register.search(&old, None, MAX_LINES)?.messages;
        ending.retain(|listed| listed.keep_until.unix_millis() <= limit.unix_millis());
    }
    if organisation.digest_hours.is_empty() {
        let count = u64::try_from(ending.len()).unwrap_or(u64::MAX);
        return Ok(Contents { count, is_more: false, ending, newest: Vec::new() });
    }
    let hits = register.search(&held, None, MAX_LINES)?;
    let (count, is_more) = match hits.count {
        sekimori_journal::Count::Exactly(count) => (count, false),
        sekimori_journal::Count::MoreThan(count) => (count, true),
    };
    Ok(Contents { count, is_more, ending, newest: hits.messages })
}

/// The digest as mail. `None` where the verifier does not take it, which is said in the log.
fn digest(
    register: &dyn Register,
    organisation: &Organisation,
    contents: &Contents,
    host: &str,
    url: Option<&str>,
    at: Timestamp,
) -> Result<Option<Submission>, JournalError> {
    let (queue_id, reference) = register.allocate()?;
    let written = text::message(organisation, contents, host, url, queue_id, reference, at);
    if let Err(violation) = verify::verify(&written.octets, written.octets.len()) {
        tracing::error!(?violation, "the verifier refused a digest; it is not sent");
        return Ok(None);
    }
    let message = new_message(organisation, written, (queue_id, reference), at);
    let record = AuditRecord {
        at,
        kind: AuditKind::Noticed,
        organisation: Some(organisation.name.clone()),
        queue_id: Some(queue_id),
        reference: Some(reference),
        actor: None,
        details: json!({
            "what": "digest",
            "waiting": contents.count,
            "ending": contents.ending.len(),
            "recipients": organisation.reviewers,
        }),
    };
    Ok(Some(Submission { messages: vec![message], audit: vec![record], ..Submission::default() }))
}

/// Mail for an organisation's reviewers as the journal takes it.
pub(crate) fn new_message(
    organisation: &Organisation,
    written: Written,
    (queue_id, reference): (QueueId, ReferenceNumber),
    at: Timestamp,
) -> NewMessage {
    let body = Body::compress(&written.octets);
    NewMessage {
        queue_id,
        reference,
        route: Route::Forward,
        organisation: organisation.name.clone(),
        envelope: Envelope {
            sender: ReversePath::NULL,
            recipients: organisation.reviewers.clone(),
        },
        received_at: at,
        keep_until: at.plus_days(organisation.retention_days),
        client: ClientRecord::default(),
        outcome: Outcome::Deliver,
        summary: Summary { subject: written.subject, ..Summary::default() },
        size: body.plain_octets(),
        text: body,
        decisions: Decisions::new(),
        removed: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use sekimori_policy::Address;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn hours_are_those_of_japan() {
        assert_eq!(hour_of_day(at("2026-11-26T23:59:59Z")), 8);
        assert_eq!(hour_of_day(at("2026-11-27T09:00:00+09:00")), 9);
        assert_eq!(hour_of_day(at("2026-11-27T00:00:00+09:00")), 0);
    }

    #[test]
    fn nothing_is_due_without_reviewers_and_reminders_have_an_hour_of_their_own() {
        let mut town = Organisation::new("山北町", Vec::new());
        town.digest_hours = vec![8, 13];
        assert!(!is_due(&town, 8));
        town.reviewers = vec![Address::parse("joho@town.example.lg.jp").unwrap()];
        assert!(is_due(&town, 8) && is_due(&town, 13) && !is_due(&town, 9));
        town.digest_hours.clear();
        assert!(!is_due(&town, 9));
        town.expiry_reminder_days = 3;
        assert!(is_due(&town, 9) && !is_due(&town, 8));
    }
}
