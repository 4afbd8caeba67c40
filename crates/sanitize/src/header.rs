//! The header that crosses: every field read, and written again from what it says.

use sekimori_mime::Header;
use sekimori_policy::{Code, Language, Timestamp};
use sekimori_profile::{
    AsciiAddress, AutoSubmitted, HostName, ListId, Mailbox, Mailboxes, MessageId, Protocol,
    Received, SafeLine,
};

use crate::account::Fate;
use crate::mailboxes::{self, Marking};
use crate::record::Record;
use crate::{Context, Summary, authentication, blocks};

/// `Received` fields of our own kind that a message may have before it is refused as looping.
pub const MAX_OWN_HOPS: usize = 10;
/// `Received` fields of any kind that a message may have before it is refused as looping
/// (RFC 5321 section 6.3 suggests at least 100).
pub const MAX_HOPS: usize = 100;

/// Fields that cross, written again from what they say.
const CROSSING: [&str; 12] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "list-id",
];

/// Fields whose sense the message keeps in its own form.
const REWRITTEN: [&str; 3] = ["mime-version", "content-type", "content-transfer-encoding"];

/// Fields that stand once; further ones are passed over, with a decision.
const ONCE: [&str; 10] = [
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "sender",
    "to",
    "cc",
    "auto-submitted",
    "list-id",
];

/// Fields with mailboxes: all of one name are read together.
const GATHERED: [&str; 5] = ["from", "sender", "reply-to", "to", "cc"];

/// The header fields of the message that crosses.
pub(crate) struct Fields {
    pub(crate) received: Vec<Received>,
    pub(crate) date: Timestamp,
    pub(crate) from: Mailboxes,
    pub(crate) sender: Option<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
    pub(crate) subject: Option<SafeLine>,
    pub(crate) message_id: Option<MessageId>,
    pub(crate) in_reply_to: Vec<MessageId>,
    pub(crate) references: Vec<MessageId>,
    pub(crate) auto_submitted: Option<AutoSubmitted>,
    pub(crate) list_id: Option<ListId>,
}

impl Fields {
    /// Reads the header of the message.
    pub(crate) fn read(header: &Header<'_>, context: &Context<'_>, record: &mut Record) -> Self {
        let language = context.organisation.language;
        record.authentication = Some(authentication::read(header, context.organisation));
        let marked = Marking::Marked(context.organisation);
        let from = mailboxes::read(header, "From", marked, language, record);
        if header.count("From") > 1 {
            // Readers show the first or the last: all are shown, and the message is noted.
            record.decisions.add_detailed(Code::HeaderRepaired, "From");
            record.decisions.add_detailed(Code::StructureAmbiguous, "several From fields");
        }
        let from = Mailboxes::new(from).unwrap_or_else(|_| {
            record.decisions.add(Code::FromMissing);
            envelope_sender(context).into()
        });
        let mut sender = mailboxes::read(header, "Sender", marked, language, record);
        sender.truncate(1);
        // RFC 5322 section 3.6.2: several authors need a sender.
        let stand_in = from.as_slice().first().filter(|_| from.as_slice().len() > 1).cloned();
        let date = header.date().unwrap_or_else(|| {
            record.decisions.add(Code::DateMissing);
            context.received_at
        });
        let mut read = |name| mailboxes::read(header, name, Marking::Unmarked, language, record);
        let (to, cc) = (read("To"), read("Cc"));
        let fields = Self {
            received: trace(header, context),
            date,
            sender: sender.pop().or(stand_in),
            reply_to: mailboxes::read(header, "Reply-To", marked, language, record),
            to,
            cc,
            subject: subject(header, language, record),
            message_id: ids(header, "Message-ID", record).into_iter().next(),
            in_reply_to: ids(header, "In-Reply-To", record),
            references: ids(header, "References", record),
            auto_submitted: keyword(header, "Auto-Submitted", record).and_then(|v| v.parse().ok()),
            list_id: keyword(header, "List-Id", record).and_then(|v| list_id(&v)),
            from,
        };
        fields.settle(header, record);
        fields
    }

    /// Settles what became of each field, and notes those that did not cross.
    fn settle(&self, header: &Header<'_>, record: &mut Record) {
        for name in ONCE {
            if header.count(name) > 1 {
                record.decisions.add_detailed(Code::HeaderRepaired, name);
            }
        }
        let mut own_hops = MAX_OWN_HOPS;
        let mut seen: Vec<&str> = Vec::new();
        let mut fates = Vec::new();
        for field in header.fields() {
            let name = field.name.to_ascii_lowercase();
            let known = CROSSING.iter().copied().find(|&known| known == name);
            let fate = match known {
                None if REWRITTEN.contains(&name.as_str()) => Fate::Crosses,
                None if name == "received" && own_hops > 0 && own_hop_of(field.value).is_some() => {
                    own_hops -= 1;
                    Fate::Crosses
                }
                None => Fate::Dropped(Code::HeaderDropped),
                Some(_) if field.value.trim_ascii().is_empty() => Fate::Crosses,
                Some(known) if seen.contains(&known) && !GATHERED.contains(&known) => {
                    Fate::Dropped(Code::HeaderRepaired)
                }
                Some(known) => {
                    seen.push(known);
                    self.fate_of(known, record)
                }
            };
            fates.push(fate);
        }
        let is_dropped = |fate: &&Fate| **fate == Fate::Dropped(Code::HeaderDropped);
        let dropped = fates.iter().filter(is_dropped).count() + header.malformed_lines();
        let dropped = u64::try_from(dropped).unwrap_or(u64::MAX);
        record.decisions.add_counted(Code::HeaderDropped, dropped);
        record.fates.fields = fates;
    }

    /// What became of a field that says something.
    fn fate_of(&self, name: &str, record: &mut Record) -> Fate {
        let decisions = &mut record.decisions;
        let crosses = match name {
            "from" => !decisions.contains(Code::FromMissing),
            "date" => !decisions.contains(Code::DateMissing),
            "sender" => self.sender.is_some(),
            "reply-to" => !self.reply_to.is_empty(),
            "to" => !self.to.is_empty(),
            "cc" => !self.cc.is_empty(),
            "subject" => self.subject.is_some(),
            "message-id" => self.message_id.is_some(),
            "in-reply-to" => !self.in_reply_to.is_empty(),
            "references" => !self.references.is_empty(),
            "auto-submitted" => self.auto_submitted.is_some(),
            _ => self.list_id.is_some(),
        };
        match name {
            _ if crosses => Fate::Crosses,
            "from" => Fate::Dropped(Code::FromMissing),
            "date" => Fate::Dropped(Code::DateMissing),
            _ => {
                decisions.add_detailed(Code::HeaderRepaired, name);
                Fate::Dropped(Code::HeaderRepaired)
            }
        }
    }

    /// The fields of a message of which nothing but the envelope is known.
    pub(crate) fn unknown(context: &Context<'_>, subject: &str) -> Self {
        let subject = SafeLine::clean(subject).0;
        Self {
            received: vec![own_hop(context)],
            date: context.received_at,
            from: envelope_sender(context).into(),
            sender: None,
            reply_to: Vec::new(),
            to: Vec::new(),
            cc: Vec::new(),
            subject: Some(subject).filter(|subject| !subject.is_empty()),
            message_id: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            auto_submitted: None,
            list_id: None,
        }
    }

    /// What lists show of the message.
    pub(crate) fn summary(&self) -> Summary {
        let first = self.from.as_slice().first();
        Summary {
            from: first.map(shown).unwrap_or_default(),
            subject: self.subject.as_ref().map(ToString::to_string).unwrap_or_default(),
            message_id: self.message_id.as_ref().map(ToString::to_string),
            date: Some(self.date),
        }
    }
}

/// A mailbox for people: `名前 <address>` or the address.
pub(crate) fn shown(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{name} <{}>", mailbox.address.as_str()),
        None => mailbox.address.as_str().to_owned(),
    }
}

/// Whether the message has been here too often.
pub(crate) fn is_looping(header: &Header<'_>) -> bool {
    header.count("Received") > MAX_HOPS || own_hops(header).count() > MAX_OWN_HOPS
}

fn own_hops<'h>(header: &'h Header<'_>) -> impl Iterator<Item = Received> + 'h {
    header.received().filter_map(own_hop_of)
}

/// A `Received` field of our own kind.
fn own_hop_of(value: &[u8]) -> Option<Received> {
    let value = str::from_utf8(value).ok()?;
    // Folds have no meaning between the words of our own kind.
    Received::parse(&value.replace(['\r', '\n'], ""))
}

fn trace(header: &Header<'_>, context: &Context<'_>) -> Vec<Received> {
    std::iter::once(own_hop(context)).chain(own_hops(header).take(MAX_OWN_HOPS)).collect()
}

fn own_hop(context: &Context<'_>) -> Received {
    Received {
        host: host_name(context),
        protocol: context.protocol.parse().unwrap_or(Protocol::Smtp),
        id: context.queue_id,
        date: context.received_at,
    }
}

/// Our host name, or `localhost` where the given one is none.
pub(crate) fn host_name(context: &Context<'_>) -> HostName {
    HostName::parse(context.host).unwrap_or_default()
}

/// The envelope sender as a mailbox; postmaster here, named as unknown, where it cannot be written.
fn envelope_sender(context: &Context<'_>) -> Mailbox {
    let sender = context.envelope.sender.0.clone();
    if let Some(address) = sender.and_then(|address| AsciiAddress::new(address).ok()) {
        return Mailbox { name: None, address };
    }
    let name = match context.organisation.language {
        Language::Japanese => "差出人不明",
        Language::English => "Unknown sender",
    };
    Mailbox {
        name: Some(SafeLine::clean(name).0),
        address: AsciiAddress::postmaster(&host_name(context)),
    }
}

fn subject(header: &Header<'_>, language: Language, record: &mut Record) -> Option<SafeLine> {
    let text = record.decoded(header.text("Subject")?);
    let line = record.safe_line(&text);
    let line = match record.cut_blocks(line.as_str(), "HEADER", language) {
        Some(cut) => SafeLine::clean(&cut).0,
        None => line,
    };
    Some(line).filter(|line| !line.is_empty())
}

fn ids(header: &Header<'_>, name: &str, record: &mut Record) -> Vec<MessageId> {
    let given = header.message_ids(name);
    let is_id = |id: &&String| !blocks::spells(id);
    let ids: Vec<_> =
        given.iter().filter(is_id).filter_map(|id| MessageId::parse(id).ok()).collect();
    let has_text = header.field(name).is_some_and(|value| !value.trim_ascii().is_empty());
    if ids.len() < given.len() || (has_text && given.is_empty()) {
        record.decisions.add_detailed(Code::HeaderRepaired, name);
    }
    ids
}

fn keyword(header: &Header<'_>, name: &str, record: &mut Record) -> Option<String> {
    let text = record.decoded(header.text(name)?);
    Some(record.safe_line(&text).to_string())
}

/// The identifier in angle brackets, after whatever description (RFC 2919 section 3).
fn list_id(value: &str) -> Option<ListId> {
    let inner = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    let id = inner.map_or(value, |(inner, _)| inner);
    ListId::parse(id).ok().filter(|_| !blocks::spells(id))
}
