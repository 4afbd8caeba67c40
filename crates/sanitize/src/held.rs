//! Messages of which nothing could be read, and what recipients are told of held ones.

use sekimori_policy::{Code, Decisions, Language, Outcome};
use sekimori_profile::{
    AsciiAddress, AutoSubmitted, Mailbox, MessageId, ResultField, SafeLine, SafeText, TextMessage,
    write,
};

use crate::account::{Account, Fate};
use crate::compose::compose;
use crate::header::{Fields, host_name};
use crate::record::Record;
use crate::{Context, Sanitized, Summary, notice};

/// What a message becomes of which nothing could be read, for example because reading it panicked
/// or took too long: a text that says so, held (or refused) for `code`. `summary`: what was read of
/// it before; `octets`: how many the message has.
pub fn held(
    context: &Context<'_>,
    octets: usize,
    code: Code,
    summary: Option<Summary>,
) -> Sanitized {
    let account = Account::whole(octets, Fate::Dropped(code));
    let mut record = Record::default();
    record.decisions.add(code);
    let given = summary.unwrap_or_default();
    let fields = Fields::unknown(context, &given.subject);
    let text = notice::unreadable(context.organisation.language).to_owned();
    let mut sanitized = compose(fields, text, record, account, context);
    if !given.from.is_empty() {
        sanitized.summary = given;
    }
    sanitized
}

/// The message that tells the recipients that theirs is held, why, its 受付番号, and until when the
/// original is kept. It comes from the postmaster here and obeys the profile.
pub fn hold_notice(context: &Context<'_>, decisions: &Decisions, summary: &Summary) -> Vec<u8> {
    let language = context.organisation.language;
    let (title, from, subject) = match language {
        Language::Japanese => ("【保留】", "差出人：", "件名　："),
        Language::English => ("[Held] ", "From: ", "Subject: "),
    };
    let text = format!(
        "{}\n{from}{}\n{subject}{}\n",
        notice::held(context, decisions),
        summary.from,
        summary.subject
    );
    let host = host_name(context);
    let from = Mailbox {
        name: Some(SafeLine::clean("sekimori").0),
        address: AsciiAddress::postmaster(&host),
    };
    let to = context.envelope.recipients.iter();
    let to = to.filter_map(|address| AsciiAddress::new(address.clone()).ok());
    let fields = Fields::unknown(context, &format!("{title}{}", summary.subject));
    write(&TextMessage {
        received: Vec::new(),
        date: context.received_at,
        from: from.into(),
        sender: None,
        reply_to: Vec::new(),
        to: to.map(|address| Mailbox { name: None, address }).collect(),
        cc: Vec::new(),
        subject: fields.subject,
        // The next hop would otherwise add one of its own, as servers do for mail without it.
        message_id: MessageId::parse(&format!(
            "held.{}.{}@{}",
            context.queue_id,
            context.reference,
            host.as_str()
        ))
        .ok(),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        auto_submitted: Some(AutoSubmitted::Generated),
        list_id: None,
        result: ResultField {
            reference: context.reference,
            outcome: Outcome::Hold,
            removed: 0,
            codes: decisions.iter().map(|decision| decision.code).collect(),
        },
        body: SafeText::clean(&text).0,
    })
}
