//! The Content-Transfer-Encoding field (RFC 2045 section 6).

use crate::fault::{Fault, Faults};
use crate::lexer::Lexer;

/// A transfer encoding. A later one hides more from a reader who does not decode it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TransferEncoding {
    /// 7bit, and what a part without the field has.
    SevenBit,
    /// 8bit.
    EightBit,
    /// binary.
    Binary,
    /// None that is known; the octets are left as they are.
    Unknown,
    /// x-uuencode, as mail had it before MIME.
    Uuencode,
    /// quoted-printable.
    QuotedPrintable,
    /// base64.
    Base64,
}

impl TransferEncoding {
    /// Whether the octets stand for themselves: 7bit, 8bit and binary.
    pub fn is_identity(self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary)
    }

    /// The name of RFC 2045; `unknown` for what has none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::EightBit => "8bit",
            Self::Binary => "binary",
            Self::Unknown => "unknown",
            Self::Uuencode => "x-uuencode",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }

    fn of_word(word: &[u8]) -> Option<Self> {
        [
            (&b"7bit"[..], Self::SevenBit),
            (b"8bit", Self::EightBit),
            (b"binary", Self::Binary),
            (b"base64", Self::Base64),
            (b"quoted-printable", Self::QuotedPrintable),
            (b"x-uuencode", Self::Uuencode),
            (b"uuencode", Self::Uuencode),
            (b"x-uue", Self::Uuencode),
        ]
        .into_iter()
        .find_map(|(name, encoding)| word.eq_ignore_ascii_case(name).then_some(encoding))
    }

    /// Reads the value of a Content-Transfer-Encoding field.
    pub fn parse(value: &[u8]) -> (Self, Faults) {
        let mut faults = Faults::NONE;
        let mut lexer = Lexer::new(value);
        let mut comment = lexer.skip_cfws();
        let word = lexer.token();
        comment |= lexer.skip_cfws();
        if comment {
            faults.insert(Fault::EncodingCommented);
        }
        if lexer.at_end() {
            let known = Self::of_word(word);
            if known.is_none() && !word.is_empty() {
                faults.insert(Fault::EncodingUnknown);
            }
            // An empty field says no more than a missing one.
            let fallback = if word.is_empty() { Self::SevenBit } else { Self::Unknown };
            return (known.unwrap_or(fallback), faults);
        }
        let words = value.split(|b| !(b.is_ascii_alphanumeric() || *b == b'-'));
        let hiding = words.filter_map(Self::of_word).max();
        // One known word and a stray semicolon is what some mailers write.
        let semicolon = lexer.take(b';');
        lexer.skip_cfws();
        let harmless = semicolon && lexer.at_end();
        match (hiding, harmless) {
            (Some(encoding), true) => (encoding, faults),
            (Some(encoding), false) => {
                faults.insert(Fault::EncodingGarbled);
                (encoding, faults)
            }
            (None, _) => {
                faults.insert(Fault::EncodingUnknown);
                (Self::Unknown, faults)
            }
        }
    }
}
