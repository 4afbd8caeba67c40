//! The Content-Type field (RFC 2045 section 5).

use crate::fault::{Fault, Faults};
use crate::lexer::Lexer;
use crate::parameter::{self, Parameter};

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// The type in lower case, such as `text`.
    pub kind: String,
    /// The subtype in lower case, such as `plain`.
    pub subtype: String,
    /// The parameters as they stand, repeated ones included.
    pub parameters: Vec<Parameter>,
}

impl ContentType {
    fn bare(kind: &str, subtype: &str) -> Self {
        Self { kind: kind.to_owned(), subtype: subtype.to_owned(), parameters: Vec::new() }
    }

    /// `text/plain`, the type of a part that states none (RFC 2045 section 5.2).
    pub fn text_plain() -> Self {
        Self::bare("text", "plain")
    }

    /// `message/rfc822`, the same in a multipart/digest (RFC 2046 section 5.1.5).
    pub fn message_rfc822() -> Self {
        Self::bare("message", "rfc822")
    }

    /// `application/octet-stream`, of which nothing is known.
    pub fn octet_stream() -> Self {
        Self::bare("application", "octet-stream")
    }

    /// Type and subtype as `text/plain`.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }

    /// Whether this is `kind/subtype` (lower case).
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// The value of a parameter (name in lower case); of one in both forms, that of RFC 2231.
    pub fn parameter(&self, name: &str) -> Option<String> {
        value_of(&self.parameters, name)
    }

    /// The charset parameter, without surrounding white space.
    pub fn charset(&self) -> Option<String> {
        self.parameter("charset").map(|c| c.trim().to_owned())
    }

    /// Reads the value of a Content-Type field. What is no type is `application/octet-stream`.
    pub fn parse(value: &[u8]) -> (Self, Faults) {
        let mut faults = Faults::NONE;
        let mut lexer = Lexer::new(value);
        lexer.skip_cfws();
        let kind = lower(lexer.token());
        let mut comment = lexer.skip_cfws();
        let mut subtype = String::new();
        if lexer.take(b'/') {
            comment |= lexer.skip_cfws();
            subtype = lower(lexer.token());
        } else if kind == "text" && matches!(lexer.peek(), None | Some(b';')) {
            faults.insert(Fault::ContentTypeBareText);
            "plain".clone_into(&mut subtype);
        }
        if comment && !subtype.is_empty() {
            faults.insert(Fault::CommentInType);
        }
        let followed_by = lexer.peek();
        let readable = !kind.is_empty()
            && !subtype.is_empty()
            && followed_by.is_none_or(|b| b == b';' || b == b'(' || b.is_ascii_whitespace());
        let mut read = if readable {
            Self::bare(&kind, &subtype)
        } else {
            faults.insert(Fault::ContentTypeUnreadable);
            Self::octet_stream()
        };
        lexer.skip_cfws();
        if !lexer.at_end() && lexer.peek() != Some(b';') {
            faults.insert(Fault::ParameterGarbage);
            if !readable {
                lexer.skip_to_semicolon();
            }
        }
        read.parameters = parameter::parse(&mut lexer, &mut faults);
        (read, faults)
    }
}

/// The value of a parameter, preferring the form of RFC 2231.
pub(crate) fn value_of(parameters: &[Parameter], name: &str) -> Option<String> {
    let mut named = parameters.iter().filter(|p| p.name == name);
    let first = named.next()?;
    let extended = std::iter::once(first).chain(named).find(|p| p.extended);
    Some(extended.unwrap_or(first).value())
}

fn lower(token: &[u8]) -> String {
    token.iter().map(|b| char::from(b.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_lower_case_and_charsets_are_found() {
        for (value, essence, charset) in [
            ("Text/HTML; CharSet=\"ISO-2022-JP\"", "text/html", Some("ISO-2022-JP")),
            (" text/plain;\r\n charset= utf-8 ", "text/plain", Some("utf-8")),
            ("text/plain charset=utf-8", "text/plain", Some("utf-8")),
            ("text/plain; charset*=us-ascii''utf-8", "text/plain", Some("utf-8")),
            ("application/vnd.ms-excel", "application/vnd.ms-excel", None),
            ("; charset=utf-8", "application/octet-stream", Some("utf-8")),
            ("text/", "application/octet-stream", None),
            ("/plain", "application/octet-stream", None),
        ] {
            let (read, _) = ContentType::parse(value.as_bytes());
            assert_eq!(read.essence(), essence, "{value}");
            assert_eq!(read.charset().as_deref(), charset, "{value}");
        }
    }
}
