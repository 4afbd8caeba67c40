//! The text of a digest.

use std::fmt::Write;

use sekimori_journal::Listed;
use sekimori_policy::{
    Code, Effect, Language, Organisation, Outcome, QueueId, ReferenceNumber, Timestamp,
};
use sekimori_profile::{
    AsciiAddress, AutoSubmitted, HostName, Mailbox, MessageId, ResultField, SafeLine, SafeText,
    TextMessage, write,
};

/// Most messages named in each part of a digest.
pub(super) const MAX_LINES: usize = 50;
/// Longest subject and From in a line, in characters.
const MAX_CHARS: usize = 60;

/// What a digest tells.
pub(super) struct Contents {
    /// How many messages wait.
    pub(super) count: u64,
    /// Whether more wait than were counted.
    pub(super) is_more: bool,
    /// Those that near the end of their time, the first to end first.
    pub(super) ending: Vec<Listed>,
    /// Those that came last.
    pub(super) newest: Vec<Listed>,
}

/// Mail for reviewers as written.
pub(crate) struct Written {
    pub(crate) subject: String,
    pub(crate) octets: Vec<u8>,
}

/// The message that a rule tells of.
pub(crate) struct About<'a> {
    pub(crate) reference: ReferenceNumber,
    pub(crate) from: &'a str,
    pub(crate) subject: &'a str,
}

struct Words {
    subject: &'static str,
    lead: &'static str,
    unit: &'static str,
    more: &'static str,
    page: &'static str,
    ending: &'static str,
    newest: &'static str,
    until: &'static str,
}

const JAPANESE: Words = Words {
    subject: "【隔離】確認を待つメール（{}）",
    lead: "確認を待つメールが{}あります。",
    unit: "件",
    more: "以上",
    page: "確認の画面：",
    ending: "保管期限が近いメール",
    newest: "新しい順",
    until: "保管期限：",
};

const ENGLISH: Words = Words {
    subject: "[Held] {} messages wait for review",
    lead: "{} messages wait for review.",
    unit: "",
    more: " or more",
    page: "To review them: ",
    ending: "Near the end of their time",
    newest: "The newest",
    until: "kept until: ",
};

/// Writes a digest.
pub(super) fn message(
    organisation: &Organisation,
    contents: &Contents,
    host: &str,
    url: Option<&str>,
    queue_id: QueueId,
    reference: ReferenceNumber,
    at: Timestamp,
) -> Written {
    let language = organisation.language;
    let w = match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    };
    let more = if contents.is_more { w.more } else { "" };
    let count = format!("{}{}{more}", contents.count, w.unit);
    let subject = w.subject.replacen("{}", &count, 1);
    let host = HostName::parse(host).unwrap_or_default();
    let text = body(contents, &count, url, language, w);
    compose(organisation, subject, &text, &host, "digest", queue_id, reference, at)
}

/// What reviewers are told where a rule asks for it: which rules, and of which message.
pub(crate) fn told(
    organisation: &Organisation,
    rules: &[String],
    about: &About<'_>,
    host: &str,
    (queue_id, reference): (QueueId, ReferenceNumber),
    at: Timestamp,
) -> Written {
    let (title, rule, number, from, subject) = match organisation.language {
        Language::Japanese => (
            "【お知らせ】規則に当てはまるメール",
            "規則　　：",
            "受付番号：",
            "差出人　：",
            "件名　　：",
        ),
        Language::English => (
            "[Notice] Mail that a rule tells of",
            "Rules: ",
            "Reference number: ",
            "From: ",
            "Subject: ",
        ),
    };
    let text = format!(
        "{rule}{}\n{number}{}\n{from}{}\n{subject}{}\n",
        rules.join(", "),
        about.reference,
        about.from,
        about.subject
    );
    let host = HostName::parse(host).unwrap_or_default();
    compose(organisation, title.to_owned(), &text, &host, "told", queue_id, reference, at)
}

/// Mail of our own for an organisation's reviewers.
#[expect(clippy::too_many_arguments, reason = "each is a field of the message")]
fn compose(
    organisation: &Organisation,
    subject: String,
    text: &str,
    host: &HostName,
    kind: &str,
    queue_id: QueueId,
    reference: ReferenceNumber,
    at: Timestamp,
) -> Written {
    let to = organisation.reviewers.iter();
    let to = to.filter_map(|address| AsciiAddress::new(address.clone()).ok());
    let from = Mailbox {
        name: Some(SafeLine::clean("sekimori").0),
        address: AsciiAddress::postmaster(host),
    };
    let octets = write(&TextMessage {
        received: Vec::new(),
        date: at,
        from: from.into(),
        sender: None,
        reply_to: Vec::new(),
        to: to.map(|address| Mailbox { name: None, address }).collect(),
        cc: Vec::new(),
        subject: Some(SafeLine::clean(&subject).0),
        message_id: MessageId::parse(&format!("{kind}.{queue_id}@{}", host.as_str())).ok(),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        auto_submitted: Some(AutoSubmitted::Generated),
        list_id: None,
        result: ResultField { reference, outcome: Outcome::Deliver, removed: 0, codes: Vec::new() },
        body: SafeText::clean(text).0,
    });
    Written { subject, octets }
}

fn body(
    contents: &Contents,
    count: &str,
    url: Option<&str>,
    language: Language,
    w: &Words,
) -> String {
    let mut text = format!("{}\n", w.lead.replacen("{}", count, 1));
    if let Some(url) = url {
        // A link leads to a page with a button, and lets nobody in.
        let _ = writeln!(text, "{}{url}/messages?state=held", w.page);
    }
    for (title, listed, is_ending) in
        [(w.ending, &contents.ending, true), (w.newest, &contents.newest, false)]
    {
        if listed.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for one in listed.iter().take(MAX_LINES) {
            line(&mut text, one, is_ending, language, w);
        }
    }
    text
}

fn line(text: &mut String, listed: &Listed, is_ending: bool, language: Language, w: &Words) {
    let shown = |at: Timestamp| match language {
        Language::Japanese => at.japanese(),
        Language::English => at.english(),
    };
    let cut =
        |text: &str| SafeLine::clean(text).0.as_str().chars().take(MAX_CHARS).collect::<String>();
    let _ = writeln!(
        text,
        "{}  {}\n    {}  {}",
        listed.reference,
        shown(listed.received_at),
        cut(&listed.from),
        cut(&listed.subject)
    );
    let why = listed.codes.iter().copied().find(|code| code.effect() == Effect::Hold);
    if let Some(why) = why {
        let _ = writeln!(text, "    {}", sentence(why, language));
    }
    if is_ending {
        let _ = writeln!(text, "    {}{}", w.until, shown(listed.keep_until));
    }
}

fn sentence(code: Code, language: Language) -> &'static str {
    match language {
        Language::Japanese => code.japanese(),
        Language::English => code.english(),
    }
}

#[cfg(test)]
mod tests {
    use sekimori_journal::State;
    use sekimori_policy::Address;
    use sekimori_profile::verify::{Verified, verify};

    use super::*;

    fn listed(subject: &str) -> Listed {
        let at = Timestamp::parse_rfc3339("2026-11-27T09:00:00+09:00").unwrap();
        Listed {
            queue_id: QueueId(1),
            reference: "7F3K-9Q2M".parse().unwrap(),
            state: State::Held,
            organisation: "山北町".to_owned(),
            received_at: at,
            keep_until: at.plus_days(2),
            from: "県\u{202E} <info@pref.example.jp>".to_owned(),
            sender: "info@pref.example.jp".to_owned(),
            subject: subject.to_owned(),
            size: 1,
            recipients: Vec::new(),
            recipient_count: 1,
            removed_count: 0,
            codes: vec![Code::HtmlToText, Code::HoldReview],
            requested: false,
        }
    }

    fn digest(language: Language, contents: &Contents) -> Verified {
        let organisation = Organisation {
            language,
            reviewers: vec![Address::parse("joho@town.example.lg.jp").unwrap()],
            ..Organisation::new("山北町", Vec::new())
        };
        let at = Timestamp::parse_rfc3339("2026-11-27T09:00:00+09:00").unwrap();
        let written = message(
            &organisation,
            contents,
            "gw.town.example.lg.jp",
            Some("https://review.town.example.lg.jp"),
            QueueId(9),
            "0000-0009".parse().unwrap(),
            at,
        );
        verify(&written.octets, 1024 * 1024).unwrap()
    }

    #[test]
    fn a_digest_names_what_waits_and_why_and_leads_to_the_page() {
        let contents = Contents {
            count: 10_000,
            is_more: true,
            ending: vec![listed("期限の近い件")],
            newest: vec![listed("会議\r\nBcc: x@example.jp"), listed(&"長".repeat(900))],
        };
        let text = digest(Language::Japanese, &contents);
        assert_eq!(text.subject.as_deref(), Some("【隔離】確認を待つメール（10000件以上）"));
        for shown in [
            "https://review.town.example.lg.jp/messages?state=held",
            "7F3K-9Q2M",
            "期限の近い件",
            "すべてのメールを確認する設定のため、保留しました。",
            "保管期限：令和8（2026）年11月29日（日）09:00",
        ] {
            assert!(text.text.contains(shown), "{shown}: {}", text.text);
        }
        assert!(
            !text.text.contains('\u{202E}') && text.text.lines().all(|l| l.chars().count() < 200)
        );
        let english = digest(Language::English, &contents);
        assert!(
            english.text.contains("10000 or more messages wait for review."),
            "{}",
            english.text
        );
    }
}
