//! What a person finds: lists, texts and headers of the mail that he may see.

use sekimori_charset::decode_field;
use sekimori_journal::register::search::LISTED_RECIPIENTS;
use sekimori_journal::{Count, Hits, Key, Listed, Order, Search, StoredAudit, StoredMessage};
use sekimori_policy::{Address, QueueId, ReferenceNumber};
use sekimori_profile::SafeLine;

use super::person::is_same;
use super::{Desk, Fault, Person, Refusal, Right, Stands};

/// Longest key that is looked up, in characters.
pub const MAX_KEY_CHARS: usize = 100;
/// Header fields shown of an original.
const MAX_FIELDS: usize = 500;
/// Octets of one header field that are decoded for showing.
const MAX_FIELD_OCTETS: usize = 16 * 1024;
/// Records shown of one message.
pub(super) const MAX_TIMELINE: usize = 1_000;

impl Desk {
    /// A page of the messages that match, among those that the person may see. With no organisation
    /// named, of each of his. `limit` and `cursor` as in
    /// [`Register::search`](sekimori_journal::Register::search).
    pub fn search(
        &self,
        person: &Person,
        search: &Search,
        cursor: Option<QueueId>,
        limit: usize,
    ) -> Result<Hits, Refusal> {
        self.needs(person, Right::SeeOwn)?;
        let mut found = Hits { messages: Vec::new(), next: None, count: Count::Exactly(0) };
        let searches = self.narrowed(person, search);
        let is_merged = searches.len() > 1;
        for search in searches {
            let hits = self.0.register.search(&search, cursor, limit)?;
            found.next = found.next.or(hits.next);
            found.count = sum(found.count, hits.count);
            let is_own = search.own.is_some();
            for mut listed in hits.messages {
                if is_own {
                    self.keep_own(person, &mut listed)?;
                }
                found.messages.push(listed);
            }
        }
        if is_merged {
            match search.order {
                Order::OldestFirst => found.messages.sort_by_key(|m| m.queue_id),
                Order::NewestFirst => {
                    found.messages.sort_by_key(|m| std::cmp::Reverse(m.queue_id));
                }
            }
            if found.next.is_some() || found.messages.len() > limit {
                found.messages.truncate(limit);
                found.next = found.messages.last().map(|m| m.queue_id);
            }
        }
        Ok(found)
    }

    /// The ids of all messages that match, at most `limit`, among those that the person may see.
    pub fn search_ids(
        &self,
        person: &Person,
        search: &Search,
        limit: usize,
    ) -> Result<Vec<QueueId>, Refusal> {
        self.needs(person, Right::SeeOwn)?;
        let mut ids = Vec::new();
        for search in self.narrowed(person, search) {
            ids.extend(self.0.register.search_ids(&search, limit)?);
        }
        ids.sort_by_key(|&id| std::cmp::Reverse(id));
        ids.truncate(limit);
        Ok(ids)
    }

    /// The searches that a person's rights make of one: over organisations whose mail he may see,
    /// and over his own mail in others.
    fn narrowed(&self, person: &Person, search: &Search) -> Vec<Search> {
        let now = self.now();
        let asked =
            |name: &String| search.organisations.is_empty() || search.organisations.contains(name);
        let mut whole = person.organisations(Right::See, now);
        let mut own = person.organisations(Right::SeeOwn, now);
        own.retain(|name| asked(name) && !whole.contains(name));
        whole.retain(asked);
        let mut addresses = person.account.addresses.clone();
        if let Some(named) = &search.own {
            addresses.retain(|address| named.iter().any(|n| is_same(n, address)));
        }
        let mut searches = Vec::new();
        if !whole.is_empty() && search.own.as_ref().is_none_or(|named| !named.is_empty()) {
            searches.push(Search { organisations: whole, ..search.clone() });
        }
        if !own.is_empty() && !addresses.is_empty() {
            let own_search = Search { own: Some(addresses), ..search.clone() };
            searches.push(Search { organisations: own, ..own_search });
        }
        searches
    }

    /// Leaves of the recipients those that are the person's own: of the others, who may have had
    /// the mail as a blind copy, he is told nothing.
    fn keep_own(&self, person: &Person, listed: &mut Listed) -> Result<(), Refusal> {
        let is_whole = usize::try_from(listed.recipient_count)
            .is_ok_and(|count| count <= listed.recipients.len());
        let mut recipients = if is_whole {
            std::mem::take(&mut listed.recipients)
        } else {
            let message = self.0.register.message(Key::QueueId(listed.queue_id))?;
            message.map(|m| m.envelope.recipients).unwrap_or_default()
        };
        recipients.retain(|address| person.owns(address));
        listed.recipient_count = u32::try_from(recipients.len()).unwrap_or(u32::MAX);
        recipients.truncate(LISTED_RECIPIENTS);
        listed.recipients = recipients;
        Ok(())
    }

    /// The message of a 受付番号 or queue id, however it is typed: case, width, hyphens and blanks do
    /// not matter.
    pub fn find(&self, person: &Person, key: &str) -> Result<QueueId, Refusal> {
        self.needs(person, Right::SeeOwn)?;
        if key.chars().nth(MAX_KEY_CHARS).is_some() {
            return Err(Refusal::invalid("key", Fault::TooLong(MAX_KEY_CHARS)));
        }
        let key = key.trim();
        let reference = key.parse::<ReferenceNumber>().ok().map(Key::Reference);
        let queue_id = narrow(key).parse::<QueueId>().ok().map(Key::QueueId);
        if reference.is_none() && queue_id.is_none() {
            return Err(Refusal::invalid("key", Fault::Form));
        }
        // Eight digits may be either: a 受付番号 is what people are given.
        for key in [reference, queue_id].into_iter().flatten() {
            let found = self.0.register.message(key)?;
            if let Some(message) = found.filter(|m| self.holds(person, Right::See, m)) {
                return Ok(message.queue_id);
            }
        }
        Err(Refusal::NotFound)
    }

    /// What happened to a message and what was done with it, oldest first, at most the last
    /// thousand records. For whoever sees all mail of its organisation.
    pub fn timeline(&self, person: &Person, id: QueueId) -> Result<Vec<StoredAudit>, Refusal> {
        let message = self.reach(person, id, Right::See)?;
        let mut records = self.records_of(&message)?;
        if !person.may(Right::See, &message.organisation, self.now()) {
            records.retain(|stored| is_for_requester(person, stored));
        }
        Ok(records)
    }

    /// The text that would cross, as its readers would see it. Puts on record that the person looked.
    pub fn text(&self, person: &Person, id: QueueId) -> Result<String, Refusal> {
        let message = self.reach(person, id, Right::Content)?;
        self.0.register.note_look(id, &person.actor(""), self.now())?;
        self.verified_text(person, &message)
    }

    /// The header fields of the original: name and value, decoded, made safe, each on one line; at
    /// most the first 500. Puts on record that the person looked.
    pub fn header(&self, person: &Person, id: QueueId) -> Result<Vec<(String, String)>, Refusal> {
        let message = self.reach(person, id, Right::Content)?;
        if !message.has_original {
            return Err(Refusal::WrongState(Stands::NoOriginal));
        }
        self.0.register.note_look(id, &person.actor(""), self.now())?;
        let original = self.0.register.original(id)?;
        Ok(fields(&original, &self.0.settings.limits))
    }

    /// What a person may be told of a message: all of it, or without the recipients that are not he.
    pub(super) fn shown(&self, person: &Person, mut message: StoredMessage) -> StoredMessage {
        if !person.may(Right::See, &message.organisation, self.now()) {
            message.envelope.recipients.retain(|address| person.owns(address));
            message.recipients.retain(|recipient| person.owns(&recipient.address));
        }
        message
    }
}

/// Whether a requester may see a record of his own mail: what he did himself, and what became of the
/// message, but nothing that names others.
fn is_for_requester(person: &Person, stored: &StoredAudit) -> bool {
    use sekimori_journal::AuditKind::{Expired, Held, Released};
    let account = stored.record.details.get("account").and_then(serde_json::Value::as_i64);
    account == Some(person.account.id.0)
        || (stored.record.actor.is_none()
            && matches!(stored.record.kind, Held | Released | Expired))
}

fn fields(original: &[u8], limits: &sekimori_policy::Limits) -> Vec<(String, String)> {
    let Ok(message) = sekimori_mime::scan(header_section(original), limits) else {
        return Vec::new();
    };
    let shown = message.root().header.fields().take(MAX_FIELDS).map(|field| {
        let value = field.value.get(..MAX_FIELD_OCTETS).unwrap_or(field.value);
        let decoded = decode_field(value).text;
        let line = |text: &str| SafeLine::clean(text).0.as_str().to_owned();
        (line(field.name), line(&decoded))
    });
    shown.collect()
}

/// The header of a message without its body, which need not be read to show it.
fn header_section(original: &[u8]) -> &[u8] {
    let mut start = 0;
    for line in original.split_inclusive(|&octet| octet == b'\n') {
        start += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
    }
    original.get(..start).unwrap_or(original)
}

/// Full-width letters and digits as narrow ones, without blanks and hyphens.
fn narrow(key: &str) -> String {
    let narrowed = key.chars().map(|c| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    });
    narrowed.filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn sum(one: Count, other: Count) -> Count {
    match (one, other) {
        (Count::Exactly(a), Count::Exactly(b)) => Count::Exactly(a.saturating_add(b)),
        (Count::Exactly(a) | Count::MoreThan(a), Count::Exactly(b) | Count::MoreThan(b)) => {
            Count::MoreThan(a.saturating_add(b))
        }
    }
}

/// Whether every one of some addresses is among others.
pub(super) fn are_among(some: &[Address], others: &[Address]) -> bool {
    some.iter().all(|one| others.iter().any(|other| is_same(one, other)))
}
