//! A mail with a text and a file, put together from lines that may be ambiguous.

use sekimori_policy::Outcome;
use sekimori_sanitize::Sanitized;

use crate::payload::{base64, leak, lines};

/// What a reader must find again.
pub(crate) const TEXT: &str = "The minutes of the meeting are enclosed.";

/// What every mail begins with.
pub(crate) const HEAD: &str = "From: Taro <taro@example.jp>\nTo: soumu@town.example.lg.jp\n\
    Subject: minutes\nDate: Mon, 21 Sep 2026 16:00:00 +0900\nMIME-Version: 1.0\n";

/// The part that is text.
pub(crate) const TEXT_PART: &str =
    "Content-Type: text/plain; charset=utf-8\n\nThe minutes of the meeting are enclosed.\n";

/// The name of the file.
pub(crate) const NAME: &str = "minutes.exe";

/// What must come of a mail beside that nothing of the file crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Must {
    /// The text crosses, and the removed file is listed by its name.
    TextAndName,
    /// The text crosses, and something is listed.
    TextAndList,
    /// The text crosses: the file is in what no reader opens, or is no part of its own.
    Text,
    /// Something is listed: what is text is in doubt.
    List,
    /// The message is held or says that a part is left out.
    Nothing,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) must: Must,
}

impl Case {
    /// From text with LF line ends, which become CRLF.
    pub(crate) fn new(name: impl Into<String>, text: &str, must: Must) -> Self {
        Self { name: name.into(), raw: crlf(text.as_bytes()), must }
    }

    pub(crate) fn raw(name: impl Into<String>, raw: Vec<u8>, must: Must) -> Self {
        Self { name: name.into(), raw, must }
    }

    /// What is wrong with the outcome, if something is.
    pub(crate) fn fault(&self) -> Option<String> {
        let result = sekimori_laws::crossing(&self.raw);
        let has_name = |r: &Sanitized| r.removed.iter().any(|part| part.name.contains("minutes"));
        let shown = whole(&result);
        if let Some(kind) = leak(&shown) {
            return Some(format!("leaks: {kind}"));
        }
        let (text, name, list) = match self.must {
            Must::TextAndName => (true, true, true),
            Must::TextAndList => (true, false, true),
            Must::Text => (true, false, false),
            Must::List => (false, false, true),
            Must::Nothing => (false, false, false),
        };
        if list && result.removed.is_empty() {
            return Some("nothing is listed".to_owned());
        }
        if name && !has_name(&result) {
            return Some("the file is not listed by its name".to_owned());
        }
        if text && !result.text.contains(TEXT) {
            return Some("the text is gone".to_owned());
        }
        let is_silent = self.must != Must::Text && result.decisions.iter().next().is_none();
        (result.outcome == Outcome::Deliver && is_silent).then(|| "nothing is said".to_owned())
    }
}

/// Everything that crosses, and the list of what does not.
fn whole(result: &Sanitized) -> String {
    let header = String::from_utf8_lossy(&result.message).into_owned();
    let listed: String =
        result.removed.iter().map(|p| format!("{} {}\n", p.name, p.declared_type)).collect();
    format!("{header}\n{}\n{}\n{listed}", result.text, result.summary.subject)
}

pub(crate) fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 20);
    for &b in text {
        if b == b'\n' {
            out.push(b'\r');
        }
        out.push(b);
    }
    out
}

/// A part that is the file, in base64.
pub(crate) fn file_part(file: &[u8]) -> String {
    format!(
        "Content-Type: application/octet-stream; name=\"{NAME}\"\n\
         Content-Disposition: attachment; filename=\"{NAME}\"\n\
         Content-Transfer-Encoding: base64\n\n{}",
        lines(&base64(file), 76)
    )
}

/// Text and file between delimiters of `boundary`.
pub(crate) fn multipart_body(boundary: &str, file: &str) -> String {
    format!("--{boundary}\n{TEXT_PART}--{boundary}\n{file}--{boundary}--\n")
}

/// A mail whose content fields are `fields`, each ended by LF.
pub(crate) fn mail(fields: &str, body: &str) -> String {
    format!("{HEAD}{fields}\n{body}")
}

/// The same with a multipart/mixed that nothing is wrong with around the parts.
pub(crate) fn mixed(parts: &[&str]) -> String {
    let body: String = parts.iter().map(|part| format!("--bnd\n{part}")).collect();
    mail("Content-Type: multipart/mixed; boundary=\"bnd\"\n", &format!("{body}--bnd--\n"))
}
