//! Header, notice and text together: the message that crosses.

use sekimori_policy::{Address, Code, EncryptedParts, Mode, NoticePosition};
use sekimori_profile::{ResultField, SafeLine, SafeText, TextMessage, write};

use crate::account::Account;
use crate::header::Fields;
use crate::record::Record;
use crate::rules::{Facts, Verdict, judge};
use crate::{Context, Sanitized, notice, password, subject_tag};

/// Writes the message from what was read of it. Decisions that only the whole can show are taken
/// here.
pub(crate) fn compose(
    mut fields: Fields,
    text: String,
    mut record: Record,
    account: Account,
    context: &Context<'_>,
) -> Sanitized {
    let limits = context.limits;
    if record.is_unreadable(limits.undecodable_per_mille) {
        record.decisions.add(Code::HoldCharset);
    }
    let is_encrypted = record.decisions.contains(Code::EncryptedRemoved);
    if is_encrypted && context.organisation.encrypted == EncryptedParts::Hold {
        record.decisions.add(Code::HoldEncrypted);
    }
    if password::is_told(&fields.summary().subject, &text) {
        record.decisions.add(Code::PasswordTold);
    }
    let body = body(text, &mut record, context);
    let notify = settle(&mut fields, &mut record, &account, context);
    let summary = fields.summary();
    let outcome = record.decisions.outcome();
    let message = TextMessage {
        received: fields.received,
        date: fields.date,
        from: fields.from,
        sender: fields.sender,
        reply_to: fields.reply_to,
        to: fields.to,
        cc: fields.cc,
        subject: fields.subject,
        message_id: fields.message_id,
        in_reply_to: fields.in_reply_to,
        references: fields.references,
        auto_submitted: fields.auto_submitted,
        list_id: fields.list_id,
        result: ResultField {
            reference: context.reference,
            outcome,
            removed: u32::try_from(record.removed.len()).unwrap_or(u32::MAX),
            codes: record.decisions.iter().map(|decision| decision.code).collect(),
        },
        body,
    };
    Sanitized {
        message: write(&message),
        outcome,
        decisions: record.decisions,
        removed: record.removed,
        notify,
        summary,
        text: message.body.into_string(),
        account,
        html: record.html,
    }
}

/// Takes the decisions of the organisation: its exceptions and rules, where the header was read, and
/// that it reviews every message. Gives the names of the rules by which people are to be told.
fn settle(
    fields: &mut Fields,
    record: &mut Record,
    account: &Account,
    context: &Context<'_>,
) -> Vec<String> {
    let verdict = match &record.authentication {
        None => Verdict::default(),
        Some(authentication) => {
            // The envelope's sender stands in for a From that is not there.
            let is_read = !record.decisions.contains(Code::FromMissing);
            let from = fields.from.as_slice().iter().filter(|_| is_read);
            let from = from.map(|mailbox| Address::parse(mailbox.address.as_str()).ok());
            let facts = Facts {
                from: from.collect::<Option<_>>().unwrap_or_default(),
                decisions: &record.decisions,
                removed: &record.removed,
                authentication,
                octets: account.stretches().last().map_or(0, |stretch| stretch.range.end),
            };
            judge(&facts, context)
        }
    };
    for (code, name) in &verdict.decisions {
        record.decisions.add_detailed(*code, name);
    }
    tag(fields, record, &verdict);
    if context.organisation.mode == Mode::Review && !verdict.delivers {
        record.decisions.add(Code::HoldReview);
    }
    verdict.notify
}

/// Writes the tags that rules ask for before the subject.
fn tag(fields: &mut Fields, record: &mut Record, verdict: &Verdict<'_>) {
    let subject = fields.subject.as_ref().map_or("", SafeLine::as_str);
    let tags: Vec<_> = verdict.tags.iter().map(|(tag, _)| *tag).collect();
    let Some((line, added)) = subject_tag::tagged(subject, &tags) else { return };
    fields.subject = Some(record.safe_line(&line));
    for (_, name) in added.into_iter().filter_map(|at| verdict.tags.get(at)) {
        record.decisions.add_detailed(Code::SubjectTagged, name);
    }
}

/// The text with its notice, within the bound.
fn body(mut text: String, record: &mut Record, context: &Context<'_>) -> SafeText {
    let most = context.limits.text_octets;
    let whole = with_notice(&text, record, context);
    if whole.len() <= most {
        return SafeText::clean(&whole).0;
    }
    record.decisions.add(Code::TextCut);
    let mark = notice::cut_mark(context.organisation.language);
    let beside = with_notice(mark, record, context).len() + 1;
    text.truncate(cut_at(&text, most.saturating_sub(beside)));
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(mark);
    let mut whole = with_notice(&text, record, context);
    // Only a bound smaller than the notice itself cuts here.
    if whole.len() > most {
        let end = cut_at(&whole, most.saturating_sub(1));
        whole.truncate(end);
    }
    SafeText::clean(&whole).0
}

/// Where to cut so that at most `most` octets stay: after the last line end, if one is near,
/// else after a whole character.
fn cut_at(text: &str, most: usize) -> usize {
    /// How far back a line end is looked for, in octets.
    const NEAR: usize = 2_000;
    let end = text.floor_char_boundary(most);
    let kept = text.get(..end).unwrap_or_default();
    match kept.rfind('\n') {
        Some(line_end) if end < text.len() && end - line_end <= NEAR => line_end + 1,
        _ => end,
    }
}

/// The text with a line end after it, and the notice where the organisation wants it.
fn with_notice(text: &str, record: &Record, context: &Context<'_>) -> String {
    let organisation = context.organisation;
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    if !(organisation.notice_always || notice::is_due(&record.decisions, &record.removed)) {
        return format!("{text}{end}");
    }
    let notice = notice::changed(context, &record.decisions, &record.removed);
    let rule = notice::RULE;
    match organisation.notice {
        NoticePosition::Top => format!("{notice}{rule}\n\n{text}{end}"),
        NoticePosition::Bottom => format!("{text}{end}\n{rule}\n{notice}"),
    }
}
