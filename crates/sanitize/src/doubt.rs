//! What is shown of parts that readers take for different things: no more than what is text to all.
//!
//! A part whose type or boundary is in doubt is not shown as it is. If it has lines that look like
//! delimiters it is split at them, as the reader would who offers its files: each file is listed
//! under its name. Of texts the lines before the first that could be structure are shown. A message
//! of which no other text is shown is held.

use sekimori_mime::{Fault, Message, Part, PartKind, TransferEncoding, scan};
use sekimori_policy::Code;

use crate::account::Fate;
use crate::html_body::HtmlBody;
use crate::leaf::{Form, is_attached};
use crate::removal::Removal;
use crate::walk::Walk;
use crate::{blocks, detect, plain};

/// Segments that a part in doubt is split into; what follows the last is part of it.
const MAX_SEGMENTS: usize = 200;
/// Parts in doubt of one message that are split; further ones stay whole.
const MAX_SPLITS: usize = 20;
/// Longest line that is taken for a delimiter, in octets.
const MAX_DELIMITER: usize = 10_000;

/// What is known of the texts shown so far, and bounds what is split.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Doubts {
    /// Whether a text is shown that no reader takes for anything else.
    pub(crate) has_certain_text: bool,
    /// Whether a text is shown of which that is not certain.
    pub(crate) has_text: bool,
    /// Parts in doubt that were split.
    splits: usize,
}

impl Walk<'_, '_> {
    /// Shows what is text of a leaf in doubt, and lists the rest of it.
    pub(crate) fn doubtful(&mut self, part: &Part<'_>, octets: &[u8]) {
        let listed = self.record.removed.len();
        self.doubtful_parts(part, octets);
        let is_listed = self.record.removed.len() > listed;
        let fate = if is_listed { Fate::Removed(listed) } else { Fate::Crosses };
        self.record.fates.settle(part.id, fate);
    }

    fn doubtful_parts(&mut self, part: &Part<'_>, octets: &[u8]) {
        let candidates = [octets, part.raw_body];
        let found = candidates.into_iter().find_map(|body| Some((body, delimiter(body)?)));
        let is_splittable = found.is_some() && self.doubts.splits < MAX_SPLITS && !is_named(part);
        if let Some((body, delimiter)) = found.filter(|_| is_splittable) {
            self.doubts.splits += 1;
            let at = memchr::memmem::find(body, delimiter).unwrap_or_default();
            let (before, parts) = body.split_at_checked(at).unwrap_or((body, &[]));
            if Form::in_doubt(part).is_some() {
                self.doubtful_leaf(part, before, &self.section(part));
            } else if is_suspicious(before) {
                self.list(part, before, format!("{}.0", self.section(part)), None);
            }
            return self.split(part, parts, delimiter);
        }
        self.doubtful_leaf(part, octets, &self.section(part));
    }

    /// Notes what stands around the parts of a multipart. No reader shows it; but what some could take
    /// for parts, or has data in it, is listed, and its text shown as far as it is one.
    pub(crate) fn surroundings(&mut self, part: &Part<'_>) {
        for (range, place) in [(&part.preamble, "PREAMBLE"), (&part.epilogue, "EPILOGUE")] {
            let octets = self.message.raw().get(range.clone()).unwrap_or_default();
            if octets.trim_ascii().is_empty() {
                continue;
            }
            self.record.decisions.add(Code::PreambleDropped);
            if place == "PREAMBLE" && begins_in_header(part) {
                let text = sekimori_charset::decode(octets, part.content_type.charset().as_deref());
                let text = self.record.decoded(text);
                self.doubtful_text(part, &text, &format!("{}.{place}", self.section(part)));
            } else if let Some(delimiter) =
                delimiter(octets).filter(|_| self.doubts.splits < MAX_SPLITS)
            {
                self.doubts.splits += 1;
                self.split(part, octets, delimiter);
            } else if is_suspicious(octets) {
                self.list(part, octets, format!("{}.{place}", self.section(part)), None);
            }
        }
    }

    /// Splits `body` at the lines that begin with `delimiter`.
    pub(crate) fn split(&mut self, part: &Part<'_>, body: &[u8], delimiter: &[u8]) {
        let limits = self.context.limits;
        let before = self.record.removed.len();
        let mut number = 0;
        for segment in segments(body, delimiter) {
            let Ok(message) = scan(segment, limits) else {
                number += 1;
                let section = format!("{}.{number}", self.section(part));
                self.list(part, segment, section, None);
                continue;
            };
            for inner in message.parts().filter(|inner| inner.kind == PartKind::Leaf) {
                number += 1;
                let section = format!("{}.{number}", self.section(part));
                self.doubtful_leaf(inner, &inner.decoded_body().0, &section);
            }
            list_surroundings(self, &message, part, &mut number);
        }
        if self.record.removed.len() == before {
            self.list(part, body, self.section(part), part.file_name.as_deref());
        }
    }

    fn doubtful_leaf(&mut self, part: &Part<'_>, octets: &[u8], section: &str) {
        let form = Form::in_doubt(part);
        if form == Some(Form::Plain)
            && detect::is_binary(octets, part.content_type.charset().as_deref())
        {
            // What stands before the first field of another part may be text still.
            let at = field_at(octets);
            let (before, rest) = octets.split_at_checked(at).unwrap_or((octets, &[]));
            if !rest.is_empty() && !before.trim_ascii().is_empty() {
                self.list(part, rest, format!("{section}#0"), None);
                return self.doubtful_leaf(part, before, section);
            }
        }
        let is_text = matches!(form, Some(Form::Plain | Form::Html))
            && !detect::is_binary(octets, part.content_type.charset().as_deref());
        let is_second = form == Some(Form::Html) && self.doubts.has_text;
        if !is_text || is_second {
            return self.list(part, octets, section.to_owned(), part.file_name.as_deref());
        }
        let text = if form == Some(Form::Html) {
            self.doubtful_html(part, octets)
        } else {
            Some(self.record.decoded(plain::decode(part, octets)))
        };
        let Some(text) = text else {
            return self.list(part, octets, section.to_owned(), None);
        };
        self.doubtful_text(part, &text, section);
    }

    fn doubtful_text(&mut self, part: &Part<'_>, text: &str, section: &str) {
        let (shown, rest) = evident(text);
        if !shown.trim().is_empty() {
            self.doubts.has_text = true;
            self.show_as(shown, section);
        }
        if !rest.trim().is_empty() {
            self.list(part, rest.as_bytes(), format!("{section}#0"), None);
        }
    }

    fn doubtful_html(&mut self, part: &Part<'_>, octets: &[u8]) -> Option<String> {
        let body = HtmlBody::read(part, octets, self.context);
        let rendered = body.rendered.ok()?;
        self.record.decoded(body.source);
        Some(self.rendered(rendered))
    }

    fn list(&mut self, part: &Part<'_>, octets: &[u8], section: String, name: Option<&str>) {
        let declared_type = part.content_type.essence();
        let removal = Removal {
            section,
            name,
            declared_type: &declared_type,
            octets,
            reason: Code::StructureAmbiguous,
        };
        let language = self.language();
        self.record.remove(&removal, language);
    }
}

/// Lists what stands around the parts of a multipart in doubt.
fn list_surroundings(
    walk: &mut Walk<'_, '_>,
    message: &Message<'_>,
    outer: &Part<'_>,
    number: &mut usize,
) {
    for inner in message.parts() {
        for range in [&inner.preamble, &inner.epilogue] {
            let octets = message.raw().get(range.clone()).unwrap_or_default();
            if !octets.trim_ascii().is_empty() {
                *number += 1;
                let section = format!("{}.{number}", walk.section(outer));
                walk.list(outer, octets, section, None);
            }
        }
    }
}

/// Whether a part calls itself a file, so that it is listed as one.
fn is_named(part: &Part<'_>) -> bool {
    !part.is_message_root()
        && part.content_type.kind != "multipart"
        && (part.file_name.is_some() || is_attached(part))
        && !matches!(part.transfer_encoding, TransferEncoding::Unknown)
}

/// The first line that could be a delimiter: dashes and a name, then a field of a part's header.
pub(crate) fn delimiter(body: &[u8]) -> Option<&[u8]> {
    // Most texts have no line that begins like one.
    let begins_line = |at: usize| {
        let before = body.get(..at).unwrap_or_default().trim_ascii_end();
        let passed = body.get(before.len()..at).unwrap_or_default();
        before.is_empty() || passed.iter().any(|b| matches!(b, b'\r' | b'\n'))
    };
    if !memchr::memmem::find_iter(body, b"--").any(begins_line) {
        return None;
    }
    let mut lines = lines(body).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let is_delimiter = line.starts_with(b"--")
            && (3..=MAX_DELIMITER).contains(&line.len())
            && line.iter().any(|b| *b != b'-');
        if is_delimiter && lines.peek().is_some_and(|next| is_content_field(next)) {
            return Some(line);
        }
    }
    None
}

/// Whether the header of a multipart holds that of its first part, a text, so that its preamble is
/// the body of that: no line divided them that this reader takes for blank.
fn begins_in_header(part: &Part<'_>) -> bool {
    part.faults.contains(Fault::MalformedBeforeContent)
        && part.content_type.kind == "multipart"
        && !part.other_content_types.is_empty()
        && part.other_content_types.iter().all(|other| other.is("text", "plain"))
        && part.file_name.is_none()
        && !is_attached(part)
}

/// Whether what stands around parts holds more than words.
fn is_suspicious(octets: &[u8]) -> bool {
    let text = sekimori_charset::decode(octets, None).text;
    has_content_field(octets)
        || blocks::cut(&text, |_| String::new()).is_some()
        || detect::is_binary(octets, None)
}

/// The lines of octets, whatever ends them.
fn lines(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets.split(|b| matches!(b, b'\r' | b'\n'))
}

/// Whether some line is one of the fields that parts have.
pub(crate) fn has_content_field(octets: &[u8]) -> bool {
    lines(octets).any(|line| is_content_field(line.trim_ascii()))
}

/// Where the first of them begins; the end without one.
fn field_at(octets: &[u8]) -> usize {
    let mut at = 0;
    for line in octets.split_inclusive(|b| matches!(b, b'\r' | b'\n')) {
        if is_content_field(line.trim_ascii()) {
            break;
        }
        at += line.len();
    }
    at
}

/// Whether a line is one of the fields that parts have (RFC 2045).
fn is_content_field(line: &[u8]) -> bool {
    let head = line.get(..line.len().min(40)).unwrap_or_default().to_ascii_lowercase();
    head.starts_with(b"content-") || head.starts_with(b"mime-version")
}

/// What stands before, between and after the delimiters, without them.
fn segments<'b>(body: &'b [u8], delimiter: &[u8]) -> Vec<&'b [u8]> {
    let delimiter = delimiter.strip_suffix(b"--").unwrap_or(delimiter);
    let mut segments = Vec::new();
    let (mut start, mut at) = (None, 0);
    for line in body.split_inclusive(|b| matches!(b, b'\r' | b'\n')) {
        let end = at + line.len();
        if line.trim_ascii().starts_with(delimiter) && segments.len() < MAX_SEGMENTS {
            segments.extend(start.and_then(|start| body.get(start..at)));
            start = Some(after_line_end(body, end));
        }
        at = end;
    }
    segments.extend(start.and_then(|start| body.get(start..)));
    segments.retain(|segment| !segment.trim_ascii().is_empty());
    segments
}

/// Past the LF of a CRLF whose CR is before `end`.
fn after_line_end(body: &[u8], end: usize) -> usize {
    let is_split = end.checked_sub(1).and_then(|at| body.get(at..=end)) == Some(b"\r\n");
    if is_split { end + 1 } else { end }
}

/// The text before the first line that could be structure, and the rest.
fn evident(text: &str) -> (&str, &str) {
    let mut at = 0;
    let mut previous = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_matches(|c: char| c.is_whitespace() || "> |".contains(c));
        if is_content_field(bare.as_bytes()) {
            // With the delimiter before it.
            let before = text.get(previous..at).unwrap_or_default();
            let cut = if before.trim_start().starts_with("--") { previous } else { at };
            return text.split_at_checked(cut).unwrap_or((text, ""));
        }
        previous = at;
        at += line.len();
    }
    (text, "")
}
