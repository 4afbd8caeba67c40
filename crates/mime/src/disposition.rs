//! The Content-Disposition field (RFC 2183).

use crate::content_type::value_of;
use crate::fault::{Fault, Faults};
use crate::lexer::Lexer;
use crate::parameter::{self, Parameter};

/// How the sender wants a part to be presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment` or another word, in lower case.
    pub kind: String,
    /// The parameters as they stand, repeated ones included.
    pub parameters: Vec<Parameter>,
}

impl Disposition {
    /// Whether the part is to be shown and not only offered: `inline` and nothing else
    /// (RFC 2183 section 2.8 has unknown kinds treated as attachments).
    pub fn is_inline(&self) -> bool {
        self.kind == "inline"
    }

    /// The value of a parameter (name in lower case); of one in both forms, that of RFC 2231.
    pub fn parameter(&self, name: &str) -> Option<String> {
        value_of(&self.parameters, name)
    }

    /// Reads the value of a Content-Disposition field. Without a kind it is `attachment`.
    pub fn parse(value: &[u8]) -> (Self, Faults) {
        let mut faults = Faults::NONE;
        let mut lexer = Lexer::new(value);
        lexer.skip_cfws();
        // `filename=x` without a kind: the token belongs to a parameter.
        let mut ahead = Lexer::new(value);
        ahead.skip_cfws();
        let token = ahead.token();
        ahead.skip_cfws();
        let kind = if token.is_empty() || ahead.peek() == Some(b'=') {
            faults.insert(Fault::DispositionUnreadable);
            b"attachment"
        } else {
            lexer = ahead;
            token
        };
        let kind = kind.iter().map(|b| char::from(b.to_ascii_lowercase())).collect();
        let parameters = parameter::parse(&mut lexer, &mut faults);
        (Self { kind, parameters }, faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_inline_is_inline() {
        for (value, kind, readable) in [
            ("inline", "inline", true),
            (" Attachment; filename=x", "attachment", true),
            ("(c) inline (c); filename=x", "inline", true),
            ("form-data; name=x", "form-data", true),
            ("", "attachment", false),
            ("filename=x", "attachment", false),
            ("; filename=x", "attachment", false),
        ] {
            let (read, faults) = Disposition::parse(value.as_bytes());
            assert_eq!(read.kind, kind, "{value}");
            assert_eq!(read.is_inline(), kind == "inline", "{value}");
            assert_eq!(!faults.contains(Fault::DispositionUnreadable), readable, "{value}");
            let named = value.contains("filename");
            assert_eq!(read.parameter("filename").is_some(), named, "{value}");
        }
    }
}
