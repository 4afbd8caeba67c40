//! Originals and removed parts, as downloads on the Internet side. Nothing here leads to the next hop.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekimori_journal::{AuditKind, Key, Request, RequestId, StoredMessage, Wanted};
use sekimori_policy::{Organisation, QueueId, RemovedPart};
use sekimori_sanitize::removed_octets;
use serde_json::json;

use super::item::is_usable;
use super::{Desk, Fault, Person, Refusal, Right, Stands, Why};

/// The media type of an original.
const MESSAGE: &str = "message/rfc822";
/// The media type of every removed part: no program is to open it by what it says of itself.
const OCTETS: &str = "application/octet-stream";

/// How long a removed part is looked for in an original.
const LONGEST_READING: Duration = Duration::from_secs(60);

/// By what an original is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// By an approved request.
    Request(RequestId),
    /// By its message: an approved request of the person is looked for.
    Message(QueueId),
}

/// A file to be handed to the person who asked for it, as a download and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Download {
    /// Its name, safe to show and to use as the name of a file.
    pub name: String,
    /// Its media type: `message/rfc822` or `application/octet-stream`.
    pub media_type: &'static str,
    /// Its octets.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download({:?}, {} octets)", self.name, self.bytes.len())
    }
}

/// What lets the person have it.
enum Grounds {
    Request(Box<Request>),
    /// The organisation lets an approver have originals by himself.
    Approver,
}

impl Desk {
    /// The original, whole. Needs an approved request of the person, or where the organisation does
    /// without the two-person rule, a right to decide. It is on record before it is handed out.
    pub fn download_original(&self, person: &Person, source: Source) -> Result<Download, Refusal> {
        let (message, grounds) =
            self.grounds(person, source, |request| request.wanted == Wanted::Original)?;
        let bytes = self.0.register.original(message.queue_id)?;
        self.note_download(person, &message, &grounds, &Wanted::Original)?;
        Ok(Download { name: format!("{}.eml", message.reference), media_type: MESSAGE, bytes })
    }

    /// One removed part, by its section, out of its transfer encoding. What is handed out has the
    /// SHA-256 that was recorded when it was removed.
    pub fn download_part(
        &self,
        person: &Person,
        source: Source,
        section: &str,
    ) -> Result<Download, Refusal> {
        let (message, grounds) = self.grounds(person, source, |request| match &request.wanted {
            Wanted::Text => false,
            Wanted::Original => true,
            Wanted::Parts(asked) => {
                let granted = request.granted_sections.as_ref().unwrap_or(asked);
                granted.iter().any(|granted| granted == section)
            }
        })?;
        let part = message.removed.iter().find(|part| part.section == section);
        let part: &RemovedPart = part.ok_or(Refusal::invalid("sections", Fault::Unknown))?;
        let original = self.0.register.original(message.queue_id)?;
        let bytes = self
            .octets_of(&message.organisation, &original, part)
            .ok_or(Refusal::WrongState(Stands::PartNotFound))?;
        let what = Wanted::Parts(vec![section.to_owned()]);
        self.note_download(person, &message, &grounds, &what)?;
        Ok(Download { name: part.name.clone(), media_type: OCTETS, bytes })
    }

    /// The octets of a removed part, in bounded time.
    fn octets_of(
        &self,
        organisation: &str,
        original: &[u8],
        part: &RemovedPart,
    ) -> Option<Vec<u8>> {
        let organisation = self.organisation(organisation);
        let organisation =
            organisation.unwrap_or_else(|| Arc::new(Organisation::new("", Vec::new())));
        let begun = Instant::now();
        let stop = || begun.elapsed() > LONGEST_READING;
        let parts = std::slice::from_ref(part);
        let limits = &self.0.settings.limits;
        let found = removed_octets(original, parts, &organisation, limits, &stop);
        found.into_iter().next().flatten()
    }

    fn grounds(
        &self,
        person: &Person,
        source: Source,
        covers: impl Fn(&Request) -> bool,
    ) -> Result<(StoredMessage, Grounds), Refusal> {
        let now = self.now();
        if person.is_machine() {
            return Err(Refusal::NotPermitted(Why::NoAccount));
        }
        let id = match source {
            Source::Message(id) => id,
            Source::Request(id) => {
                let request = self.request_of(person, id)?;
                let message = self.reach(person, request.queue_id, Right::Content)?;
                if !is_usable(person, &request, now) || !covers(&request) {
                    return Err(Refusal::NotPermitted(Why::NotApproved));
                }
                return Ok((message, Grounds::Request(Box::new(request))));
            }
        };
        let message = self.reach(person, id, Right::Content)?;
        if !message.has_original {
            return Err(Refusal::WrongState(Stands::NoOriginal));
        }
        let usable = self.requests_of(&message)?.into_iter();
        let mut usable = usable.filter(|request| is_usable(person, request, now));
        if let Some(request) = usable.find(|request| covers(request)) {
            return Ok((message, Grounds::Request(Box::new(request))));
        }
        let organisation = &message.organisation;
        if self.two_person_original(organisation) {
            return Err(Refusal::NotPermitted(Why::NotApproved));
        }
        let is_approver = [Right::Decide, Right::Content]
            .into_iter()
            .all(|right| person.may(right, organisation, now));
        if is_approver {
            Ok((message, Grounds::Approver))
        } else {
            Err(Refusal::NotPermitted(Why::NotApproved))
        }
    }

    /// Puts a download on record; only then it is handed out.
    fn note_download(
        &self,
        person: &Person,
        message: &StoredMessage,
        grounds: &Grounds,
        what: &Wanted,
    ) -> Result<(), Refusal> {
        match grounds {
            Grounds::Request(request) => {
                let actor = person.actor("");
                let is_noted =
                    self.0.register.note_download(request.id, what, &actor, self.now())?;
                if is_noted { Ok(()) } else { Err(Refusal::NotPermitted(Why::NotApproved)) }
            }
            Grounds::Approver => {
                let details = json!({ "what": what });
                self.record(person, AuditKind::Downloaded, Some(message), None, "", details)
            }
        }
    }

    /// The message of a request that the person may see.
    pub fn message_of(&self, person: &Person, id: RequestId) -> Result<StoredMessage, Refusal> {
        let request = self.request_of(person, id)?;
        let message = self.0.register.message(Key::QueueId(request.queue_id))?;
        let message = message.ok_or(Refusal::NotFound)?;
        Ok(self.shown(person, message))
    }
}
