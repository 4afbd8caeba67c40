//! Whether a message matches.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::{Code, QueueId, ReferenceNumber, Timestamp};

use super::grams::folded;
use crate::JournalError;
use crate::embedded::attempts::read_detail;
use crate::embedded::register::{OPEN, known_organisations};
use crate::embedded::sums::state_number;
use crate::register::Search;
use crate::register::search::MAX_TEXT_CHARS;

/// Most words of one text that is looked for; further ones are left out.
const MAX_WORDS: usize = 10;

/// A search with all that can be looked up beforehand.
#[derive(Debug, Default)]
pub(super) struct Check {
    /// Numbers of the organisations; at least one.
    pub(super) organisations: Vec<i64>,
    /// States as stored; empty for all.
    pub(super) states: Vec<i64>,
    /// The message that was named by its number.
    pub(super) only: Option<i64>,
    /// Recipients, one of which must be the message's, in lower case.
    pub(super) own: Option<Vec<String>>,
    /// Folded texts.
    pub(super) words: Vec<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) part: Option<String>,
    pub(super) codes: Vec<Code>,
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
    pub(super) requested: bool,
}

/// What the cheapest look at a message tells.
struct Row {
    organisation: i64,
    state: i64,
    received_at: i64,
    sender: String,
    from: String,
    subject: String,
}

impl Check {
    /// `None` when nothing can match.
    pub(super) fn new(
        connection: &Connection,
        search: &Search,
    ) -> Result<Option<Self>, JournalError> {
        let organisations = known_organisations(connection, &search.organisations)?;
        let own = search.own.as_ref().map(|own| {
            own.iter().map(|address| address.as_str().to_ascii_lowercase()).collect::<Vec<_>>()
        });
        if organisations.is_empty() || own.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let text =
            |text: &Option<String>| text.as_deref().map(short).filter(|folded| !folded.is_empty());
        let mut check = Self {
            organisations,
            states: search.states.iter().map(|&state| state_number(state)).collect(),
            only: None,
            own,
            words: Vec::new(),
            from: text(&search.from),
            to: text(&search.to),
            subject: text(&search.subject),
            part: text(&search.part),
            codes: search.codes.clone(),
            since: search.since.map(Timestamp::unix_millis),
            until: search.until.map(Timestamp::unix_millis),
            requested: search.requested,
        };
        let Some(wanted) = text(&search.text) else { return Ok(Some(check)) };
        if let Some(id) = numbered(connection, &wanted)?
            && check.matches(connection, id)?
        {
            check.only = Some(id);
        } else {
            check.words = wanted.split(' ').take(MAX_WORDS).map(str::to_owned).collect();
        }
        Ok(Some(check))
    }

    /// Whether a message matches.
    pub(super) fn matches(&self, connection: &Connection, id: i64) -> Result<bool, JournalError> {
        let row = connection
            .prepare_cached(
                "SELECT organisation, state, received_at, sender, from_line, subject
                 FROM message WHERE id = ?1 AND original_segment IS NOT NULL",
            )?
            .query_row([id], |row| {
                Ok(Row {
                    organisation: row.get(0)?,
                    state: row.get(1)?,
                    received_at: row.get(2)?,
                    sender: row.get(3)?,
                    from: row.get(4)?,
                    subject: row.get(5)?,
                })
            })
            .optional()?;
        let Some(row) = row else { return Ok(false) };
        let plain = self.organisations.contains(&row.organisation)
            && (self.states.is_empty() || self.states.contains(&row.state))
            && self.since.is_none_or(|since| row.received_at >= since)
            && self.until.is_none_or(|until| row.received_at < until)
            && self.only.is_none_or(|only| only == id);
        Ok(plain
            && self
                .subject
                .as_ref()
                .is_none_or(|text| folded(&row.subject).contains(text.as_str()))
            && self.from.as_ref().is_none_or(|text| is_from(&row, text))
            && (!self.requested || is_requested(connection, id)?)
            && self.is_for(connection, id)?
            && self.has_details(connection, id)?
            && self.has_words(connection, id, &row)?)
    }

    /// Whether the recipients are those looked for.
    fn is_for(&self, connection: &Connection, id: i64) -> Result<bool, JournalError> {
        if self.own.is_none() && self.to.is_none() {
            return Ok(true);
        }
        let recipients = recipients(connection, id)?;
        let is_own = self.own.as_ref().is_none_or(|own| {
            recipients.iter().any(|address| own.contains(&address.to_ascii_lowercase()))
        });
        let is_to = self
            .to
            .as_ref()
            .is_none_or(|text| recipients.iter().any(|r| folded(r).contains(text.as_str())));
        Ok(is_own && is_to)
    }

    /// Whether decisions and removed parts are those looked for.
    fn has_details(&self, connection: &Connection, id: i64) -> Result<bool, JournalError> {
        if self.codes.is_empty() && self.part.is_none() {
            return Ok(true);
        }
        let json: String = connection
            .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
            .query_row([id], |row| row.get(0))?;
        let detail = read_detail(id, &json)?;
        let has_codes = self.codes.iter().all(|&code| detail.decisions.contains(code));
        let has_part = self.part.as_ref().is_none_or(|text| {
            detail.removed.iter().any(|part| folded(&part.name).contains(text.as_str()))
        });
        Ok(has_codes && has_part)
    }

    /// Whether each word is somewhere.
    fn has_words(&self, connection: &Connection, id: i64, row: &Row) -> Result<bool, JournalError> {
        if self.words.is_empty() {
            return Ok(true);
        }
        let near = [folded(&row.subject), folded(&row.from), folded(&row.sender)];
        let mut left: Vec<&String> = self
            .words
            .iter()
            .filter(|word| !near.iter().any(|text| text.contains(word.as_str())))
            .collect();
        if left.is_empty() {
            return Ok(true);
        }
        let recipients: Vec<String> =
            recipients(connection, id)?.iter().map(|r| folded(r)).collect();
        left.retain(|word| !recipients.iter().any(|text| text.contains(word.as_str())));
        if left.is_empty() {
            return Ok(true);
        }
        let json: String = connection
            .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
            .query_row([id], |row| row.get(0))?;
        let detail = read_detail(id, &json)?;
        let names: Vec<String> = detail.removed.iter().map(|part| folded(&part.name)).collect();
        Ok(left.iter().all(|word| names.iter().any(|name| name.contains(word.as_str()))))
    }
}

/// A text folded, and not longer than what is looked for at most.
fn short(text: &str) -> String {
    folded(&text.chars().take(MAX_TEXT_CHARS).collect::<String>())
}

fn is_from(row: &Row, text: &str) -> bool {
    folded(&row.from).contains(text) || folded(&row.sender).contains(text)
}

fn is_requested(connection: &Connection, id: i64) -> Result<bool, JournalError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM request WHERE message = ?1 AND state = ?2")?
        .exists((id, OPEN))?)
}

fn recipients(connection: &Connection, id: i64) -> Result<Vec<String>, JournalError> {
    Ok(connection
        .prepare_cached("SELECT address FROM recipient WHERE message = ?1 ORDER BY position")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// The message whose 受付番号 or queue id a text is.
fn numbered(connection: &Connection, text: &str) -> Result<Option<i64>, JournalError> {
    if let Ok(reference) = text.parse::<ReferenceNumber>() {
        let id = connection
            .prepare_cached("SELECT id FROM message WHERE reference = ?1")?
            .query_row([reference.bits().cast_signed()], |row| row.get(0))
            .optional()?;
        if id.is_some() {
            return Ok(id);
        }
    }
    // As it is written: a short one is more likely a word.
    let whole =
        text.parse::<QueueId>().ok().filter(|id| text.eq_ignore_ascii_case(&id.to_string()));
    Ok(whole.map(|id| id.0.cast_signed()))
}
