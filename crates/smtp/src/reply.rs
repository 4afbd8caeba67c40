//! Replies: code, enhanced status code, text (RFC 5321 section 4.2, RFC 2034, RFC 3463).

use std::borrow::Cow;

/// Longest text of one reply line in octets, so that the line stays within the 512 of RFC 5321
/// section 4.5.3.1.5. Longer text is cut.
pub const MAX_REPLY_TEXT: usize = 480;

/// What the first digit of a reply code says (RFC 5321 section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplyClass {
    /// 2yz: done.
    Positive,
    /// 3yz: go on.
    Intermediate,
    /// 4yz: not now.
    Transient,
    /// 5yz: not ever.
    Permanent,
}

/// A reply code from 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// 214: what HELP says.
    pub const HELP: Self = Self(214);
    /// 220: the service is ready.
    pub const READY: Self = Self(220);
    /// 221: the service closes the connection.
    pub const CLOSING: Self = Self(221);
    /// 250: done.
    pub const OK: Self = Self(250);
    /// 252: cannot verify the user, but will take the message.
    pub const CANNOT_VERIFY: Self = Self(252);
    /// 354: send the message.
    pub const START_DATA: Self = Self(354);
    /// 421: the service is not available and closes the connection.
    pub const UNAVAILABLE: Self = Self(421);
    /// 450: not now.
    pub const BUSY: Self = Self(450);
    /// 451: a local error.
    pub const LOCAL_ERROR: Self = Self(451);
    /// 452: storage is short, or there are too many recipients.
    pub const STORAGE_SHORT: Self = Self(452);
    /// 500: the command is not recognised.
    pub const UNRECOGNISED: Self = Self(500);
    /// 501: a syntax error in an argument.
    pub const BAD_ARGUMENT: Self = Self(501);
    /// 502: the command is not implemented.
    pub const NOT_IMPLEMENTED: Self = Self(502);
    /// 503: the command is out of sequence.
    pub const BAD_SEQUENCE: Self = Self(503);
    /// 530: something is required first (RFC 3207 section 4).
    pub const REQUIRED_FIRST: Self = Self(530);
    /// 550: refused, or no such mailbox.
    pub const REFUSED: Self = Self(550);
    /// 552: larger than can be taken.
    pub const TOO_LARGE: Self = Self(552);
    /// 553: the mailbox name is not allowed.
    pub const NAME_NOT_ALLOWED: Self = Self(553);
    /// 554: the transaction failed, or no service here.
    pub const FAILED: Self = Self(554);
    /// 555: a parameter of MAIL or RCPT is not recognised.
    pub const UNKNOWN_PARAMETER: Self = Self(555);

    /// The code, if it is from 200 to 599.
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 200 && code <= 599 { Some(Self(code)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What its first digit says.
    pub const fn class(self) -> ReplyClass {
        match self.0 {
            0..=299 => ReplyClass::Positive,
            300..=399 => ReplyClass::Intermediate,
            400..=499 => ReplyClass::Transient,
            _ => ReplyClass::Permanent,
        }
    }
}

/// Subject and detail of an enhanced status code (RFC 3463). Its class is the reply code's first
/// digit, so the two cannot contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedCode {
    /// The subject, such as 7 for security and policy.
    pub subject: u16,
    /// The detail.
    pub detail: u16,
}

/// A reply to write: one code, and at least one line of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: ReplyCode,
    enhanced: Option<EnhancedCode>,
    lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// A reply of one line with the enhanced code `class.subject.detail`.
    ///
    /// Whatever is not printable ASCII in `text` becomes `?`, so that no line break of an input can
    /// ever stand in a reply. Text over [`MAX_REPLY_TEXT`] is cut.
    pub fn new(
        code: ReplyCode,
        subject: u16,
        detail: u16,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            enhanced: Some(EnhancedCode { subject, detail }),
            lines: vec![printable(text.into())],
        }
    }

    /// A reply of several lines, each with the enhanced code.
    pub(crate) fn with_lines(
        code: ReplyCode,
        enhanced: EnhancedCode,
        lines: Vec<Cow<'static, str>>,
    ) -> Self {
        let lines = lines.into_iter().map(printable).collect();
        Self { code, enhanced: Some(enhanced), lines }
    }

    /// A reply without an enhanced code: greeting, EHLO, HELO and 354 have none (RFC 2034 section
    /// 4).
    pub(crate) fn plain(code: ReplyCode, lines: Vec<Cow<'static, str>>) -> Self {
        Self { code, enhanced: None, lines: lines.into_iter().map(printable).collect() }
    }

    /// 250 2.0.0: the message is kept under this queue id.
    pub fn queued(queue_id: &str) -> Self {
        Self::new(ReplyCode::OK, 0, 0, format!("Ok: queued as {queue_id}"))
    }

    /// 452 4.3.1: memory or disk is short.
    pub fn storage_short() -> Self {
        Self::new(ReplyCode::STORAGE_SHORT, 3, 1, "Insufficient system storage, try again later")
    }

    /// 451 4.3.0: something failed here.
    pub fn local_error() -> Self {
        Self::new(ReplyCode::LOCAL_ERROR, 3, 0, "Local error in processing, try again later")
    }

    /// 421 4.3.2: shutting down, or too busy for another connection.
    pub fn service_unavailable() -> Self {
        Self::new(ReplyCode::UNAVAILABLE, 3, 2, "Service not available, try again later")
    }

    /// 421 4.4.2: the client was silent for too long.
    pub fn timed_out() -> Self {
        Self::new(ReplyCode::UNAVAILABLE, 4, 2, "Timeout, closing the connection")
    }

    /// 554 5.7.1: the peer may not hand us mail.
    pub fn peer_refused() -> Self {
        Self::new(ReplyCode::FAILED, 7, 1, "Access denied")
    }

    /// 450 4.7.0: somebody has stopped the crossing.
    pub fn crossing_stopped() -> Self {
        Self::new(ReplyCode::BUSY, 7, 0, "Mail is stopped here for now, try again later")
    }

    /// 554 5.4.6: the message is in a loop.
    pub fn mail_loop() -> Self {
        Self::new(ReplyCode::FAILED, 4, 6, "Too many hops, this looks like a mail loop")
    }

    /// 554 5.7.1: a rule of the recipient's organisation refuses the message.
    pub fn rule_refused() -> Self {
        Self::new(ReplyCode::FAILED, 7, 1, "Refused by a rule of the recipient's organisation")
    }

    /// The code.
    pub fn code(&self) -> ReplyCode {
        self.code
    }

    /// Subject and detail of the enhanced code, if the reply has one.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The text, lines joined by a space, without codes.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// Appends the reply as it is written on the wire, each line with code and CRLF.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let code = self.code.get();
        let status = match self.enhanced {
            Some(EnhancedCode { subject, detail }) => {
                format!("{}.{subject}.{detail} ", code / 100)
            }
            None => String::new(),
        };
        let last = self.lines.len().saturating_sub(1);
        for (index, line) in self.lines.iter().enumerate() {
            let separator = if index == last { ' ' } else { '-' };
            out.extend_from_slice(format!("{code}{separator}{status}{line}\r\n").as_bytes());
        }
    }
}

fn printable(text: Cow<'static, str>) -> Cow<'static, str> {
    let clean = |c: char| c == ' ' || c.is_ascii_graphic();
    if text.len() <= MAX_REPLY_TEXT && text.chars().all(clean) {
        return text;
    }
    let cleaned = text.chars().map(|c| if clean(c) { c } else { '?' });
    Cow::Owned(cleaned.take(MAX_REPLY_TEXT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rfc2034_the_class_of_the_enhanced_code_is_the_codes() {
        assert_eq!(
            written(&Reply::storage_short()),
            "452 4.3.1 Insufficient system storage, try again later\r\n"
        );
        assert_eq!(written(&Reply::queued("00000001A3")), "250 2.0.0 Ok: queued as 00000001A3\r\n");
    }

    #[test]
    fn rfc5321_4_2_1_all_lines_but_the_last_have_a_hyphen() {
        let reply = Reply::plain(ReplyCode::OK, vec!["a".into(), "b".into(), "c".into()]);
        assert_eq!(written(&reply), "250-a\r\n250-b\r\n250 c\r\n");
    }

    #[test]
    fn a_line_break_in_the_text_never_reaches_the_wire() {
        let reply = Reply::new(ReplyCode::FAILED, 0, 0, "a\r\n250 ok\0関");
        assert_eq!(written(&reply), "554 5.0.0 a??250 ok??\r\n");
    }

    #[test]
    fn rfc5321_4_5_3_1_5_a_reply_line_stays_within_512_octets() {
        let reply = Reply::new(ReplyCode::FAILED, 999, 999, "x".repeat(10_000));
        assert!(written(&reply).len() <= 512);
    }

    #[test]
    fn codes_outside_200_to_599_are_no_codes() {
        for code in [0, 99, 199, 600, u16::MAX] {
            assert_eq!(ReplyCode::new(code), None, "{code}");
        }
        assert_eq!(ReplyCode::new(354).map(ReplyCode::class), Some(ReplyClass::Intermediate));
        assert_eq!(ReplyCode::new(599).map(ReplyCode::class), Some(ReplyClass::Permanent));
    }
}
