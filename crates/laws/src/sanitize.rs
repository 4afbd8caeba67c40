//! What holds for every message that is sanitized.

use sekimori_policy::{
    Address, Code, Domain, EncryptedParts, Envelope, Language, Limits, LinkMode, LinkPlacement,
    Mode, NoticePosition, Organisation, Outcome, QueueId, ReferenceNumber, ReversePath, Timestamp,
};
use sekimori_profile::SafeText;
use sekimori_profile::verify::verify;
use sekimori_sanitize::{Context, Fate, Sanitized, Stretch, removed_octets};

/// Any octets become a message that the verifier takes and that holds the text said to be in it; each
/// octet is accounted for; removed parts are found in the original again; the decisions settle the outcome; the same octets give the same result; what crosses, sanitized again,
/// keeps its text and its fields; and all but the last hold as well for an organisation with every
/// setting away from its default.
pub fn sanitize(data: &[u8]) {
    let town = Town::new();
    let context = town.context();
    let result = verified(data, &context);
    assert_eq!(result, sekimori_sanitize::sanitize(data, &context), "same input, same output");
    if result.outcome != Outcome::Reject {
        let again = sekimori_sanitize::sanitize(&result.message, &context);
        assert_eq!(again.text, with_line_end(&result.text), "a second pass keeps the text");
        assert_eq!(again.summary, result.summary, "a second pass keeps the summary");
        assert_eq!(fields(&again.message), fields(&result.message), "and the header");
    }
    verified(data, &town.with_every_setting_changed().context());
}

/// What is sound UTF-8 of the octets, sent as the text of a plain mail, crosses whole: every character
/// that may cross stands in what crosses, in its place, unless a decision says that it stayed behind.
pub fn plain_text(data: &[u8]) {
    let text: String = data.utf8_chunks().map(|chunk| chunk.valid()).collect();
    // An escape may make it ISO-2022-JP, and a byte order mark is none of the text.
    let text = text.replace(['\u{1B}', '\u{FEFF}'], "").replace('\u{FFFD}', "〓");
    let header = "From: a@example.jp\r\nDate: Mon, 21 Sep 2026 16:00:00 +0900\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let result = crossing(format!("{header}{text}").as_bytes());
    let has = |code| result.decisions.contains(code);
    let cuts =
        [Code::EncodedBlockRemoved, Code::EncryptedRemoved, Code::TextCut, Code::AttachmentRemoved];
    if cuts.into_iter().any(has) {
        return;
    }
    let (expected, losses) = SafeText::clean(&text);
    let expected = expected.into_string();
    if expected.trim().is_empty() {
        return;
    }
    assert!(
        result.text.ends_with(with_line_end(&expected).as_str()),
        "all of {expected:?} crosses"
    );
    for (count, code) in [
        (losses.removed + losses.combining, Code::CharactersRemoved),
        (losses.private_use, Code::PrivateUseReplaced),
        (losses.line_ends, Code::LineEndsNormalised),
    ] {
        assert!(count == 0 || has(code), "{count} of {code} are on record");
    }
}

/// The message that crosses, for an organisation with every setting at its default.
pub fn crossing(raw: &[u8]) -> Sanitized {
    sekimori_sanitize::sanitize(raw, &Town::new().context())
}

fn verified(data: &[u8], context: &Context<'_>) -> Sanitized {
    let result = sekimori_sanitize::sanitize(data, context);
    match verify(&result.message, context.limits.text_octets) {
        Ok(verified) => {
            assert_eq!(verified.text, with_line_end(&result.text), "the text is what crosses");
        }
        Err(violation) => {
            let message = result.message.escape_ascii();
            assert_eq!(violation.to_string(), "", "the verifier takes the message: {message}");
        }
    }
    assert!(result.decisions.outcome() <= result.outcome, "no decision is overruled");
    assert_accounted(data, &result);
    assert_found_again(data, &result, context);
    result
}

/// Every removed part is read out of the original again, octet for octet by its SHA-256, but where
/// the message as a whole could not be read.
fn assert_found_again(data: &[u8], result: &Sanitized, context: &Context<'_>) {
    let Context { organisation, limits, .. } = context;
    let found = removed_octets(data, &result.removed, organisation, limits, &|| false);
    for (part, octets) in result.removed.iter().zip(found) {
        let size = octets.map(|octets| octets.len() as u64);
        assert_eq!(size, Some(part.size), "{} is found again", part.section);
    }
}

/// The stretches are the whole input, in order; what was dropped is named by a decision, and what was
/// removed is in the list.
fn assert_accounted(data: &[u8], result: &Sanitized) {
    let mut at = 0;
    for Stretch { range, fate } in result.account.stretches() {
        assert_eq!(range.start, at, "stretches follow each other");
        assert!(range.end > at, "no stretch is empty");
        at = range.end;
        match fate {
            Fate::Crosses => {}
            Fate::Removed(index) => assert!(*index < result.removed.len(), "{range:?} is listed"),
            Fate::Dropped(code) => {
                assert!(result.decisions.contains(*code), "{range:?} is dropped by {code}");
            }
        }
    }
    assert_eq!(at, data.len(), "the stretches are the whole input");
    for (code, octets) in &result.html.dropped {
        assert!(result.decisions.contains(*code), "{octets} octets of HTML are dropped by {code}");
    }
}

/// A text as the writer ends it.
pub(crate) fn with_line_end(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

/// The header without the fields that each pass adds to or renews.
fn fields(message: &[u8]) -> Vec<String> {
    let text = str::from_utf8(message).unwrap_or_default();
    let header = text.split_once("\r\n\r\n").map_or(text, |(header, _)| header);
    let unfolded = header.replace("\r\n ", " ");
    let kept = unfolded
        .split("\r\n")
        .filter(|line| !line.starts_with("Received:") && !line.starts_with("Sekimori-Result:"));
    kept.map(str::to_owned).collect()
}

/// What a context stands on.
struct Town {
    envelope: Envelope,
    organisation: Organisation,
    limits: Limits,
}

impl Town {
    fn new() -> Self {
        let address = |text| Address::parse(text).ok();
        let domain = Domain::parse("town.example.lg.jp").ok();
        Self {
            envelope: Envelope {
                sender: ReversePath(address("bounce@example.com")),
                recipients: address("soumu@town.example.lg.jp").into_iter().collect(),
            },
            organisation: Organisation::new("山北町", domain.into_iter().collect()),
            limits: Limits::default(),
        }
    }

    fn with_every_setting_changed(mut self) -> Self {
        self.envelope.sender = ReversePath::NULL;
        self.organisation.mode = Mode::Review;
        self.organisation.language = Language::English;
        self.organisation.notice = NoticePosition::Bottom;
        self.organisation.notice_always = true;
        self.organisation.links = LinkMode::Defanged;
        self.organisation.link_placement = LinkPlacement::Numbered;
        self.organisation.encrypted = EncryptedParts::Hold;
        self.limits = Limits {
            depth: 3,
            parts: 8,
            header_fields: 30,
            header_octets: 4_096,
            addresses: 2,
            text_octets: 2_000,
            html_octets: 4_096,
            html_depth: 5,
            listed_parts: 2,
            undecodable_per_mille: 10,
        };
        self
    }

    fn context(&self) -> Context<'_> {
        let received_at = Timestamp::japanese_time(1_789_977_600_000);
        Context {
            queue_id: QueueId(0x1A3),
            reference: ReferenceNumber::from_bits(0x12_3456_789A),
            received_at,
            keep_until: received_at.plus_days(30),
            envelope: &self.envelope,
            host: "relay.example.lg.jp",
            protocol: "ESMTPS",
            organisation: &self.organisation,
            exceptions: &[],
            may_refuse: true,
            limits: &self.limits,
            stop: &|| false,
        }
    }
}
