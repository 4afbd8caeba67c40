//! Outlook's winmail.dat ([MS-OXTNEF]): the text of the message, and the files in it.
//!
//! Damage ends the reading where it stands, and what was read until there counts; checksums are not
//! looked at. No recursion: a message inside is a file like any other. Time is linear in the octets and
//! in what the compressed text unfolds to, which [`lzfu::MAX_TEXT`] bounds.
//!
//! Layout: `attributes` takes the stream apart, `properties` the MAPI properties in it, `file` is what
//! is attached, `lzfu` unfolds compressed RTF, `rtf` makes text of it, `code_page` names charsets.

mod attributes;
mod code_page;
mod file;
mod lzfu;
mod properties;
mod rtf;

use sekimori_charset::{Decoded, decode};
use sekimori_html as html;

use attributes::{Attributes, Level};
use file::Attached;
use properties::{Properties, Value};

pub(crate) use file::File;

/// What was read.
pub(crate) struct Opened<'a> {
    pub(crate) body: Option<Body>,
    /// The attached files, in their order.
    pub(crate) files: Vec<File<'a>>,
    /// Whether there are more files than were asked for.
    pub(crate) has_more: bool,
    /// Whether the text had parts that a reader would not have seen.
    pub(crate) has_hidden: bool,
}

/// The text of the message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Plain(Decoded),
    Html(Decoded),
}

impl Body {
    fn text(&self) -> &str {
        match self {
            Self::Plain(decoded) | Self::Html(decoded) => &decoded.text,
        }
    }
}

/// Reads a TNEF stream: its text, and at most `most` files.
pub(crate) fn read(octets: &[u8], most: usize) -> Opened<'_> {
    let mut message = Message::default();
    let mut attached: Vec<Attached<'_>> = Vec::new();
    let mut has_more = false;
    for attribute in Attributes::new(octets) {
        match (attribute.level, attribute.id) {
            (Level::Message, attributes::OEM_CODE_PAGE) => {
                message.code_page = attributes::number(attribute.data).unwrap_or_default();
            }
            (Level::Message, attributes::BODY) => {
                message.plain.get_or_insert(Value::Narrow(attribute.data));
            }
            (Level::Message, attributes::MESSAGE_PROPERTIES) => message.read(attribute.data),
            (Level::Message, _) => {}
            (Level::Attachment, id) => {
                if id == attributes::ATTACHMENT_BEGINS || attached.is_empty() {
                    if attached.len() >= most {
                        has_more = true;
                        break;
                    }
                    attached.push(Attached::default());
                }
                if let Some(open) = attached.last_mut() {
                    open.read(id, attribute.data);
                }
            }
        }
    }
    let files = attached.into_iter().filter_map(|file| file.finish(message.code_page)).collect();
    let (body, has_hidden) = message.body();
    Opened { body, files, has_more, has_hidden }
}

/// What the message itself says.
#[derive(Default)]
struct Message<'a> {
    /// The code page of 8-bit strings; 0 where none is stated.
    code_page: u32,
    /// The code page of the HTML form.
    html_code_page: u32,
    plain: Option<Value<'a>>,
    html: Option<Value<'a>>,
    rtf: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    fn read(&mut self, data: &'a [u8]) {
        for (id, value) in Properties::new(data) {
            match (id, value) {
                (properties::BODY, value) => self.plain = Some(value),
                (properties::BODY_HTML, value) => self.html = Some(value),
                (properties::RTF_COMPRESSED, Value::Binary(octets)) => self.rtf = Some(octets),
                (properties::INTERNET_CODE_PAGE, Value::Number(page)) => self.html_code_page = page,
                _ => {}
            }
        }
    }

    /// The first form that says something: plain, HTML, RTF. Also whether that has hidden text.
    fn body(&self) -> (Option<Body>, bool) {
        let says = |body: &Body| !body.text().trim().is_empty();
        let plain = self.plain.and_then(|value| value.decoded(self.code_page)).map(Body::Plain);
        if let Some(body) = plain.filter(says).or_else(|| self.html().filter(says)) {
            return (Some(body), false);
        }
        let rtf = self.rtf.and_then(lzfu::unfold);
        match rtf.and_then(|rtf| rtf::read(&rtf, self.code_page)) {
            Some((body, has_hidden)) => (Some(body).filter(says), has_hidden),
            None => (None, false),
        }
    }

    fn html(&self) -> Option<Body> {
        match self.html? {
            Value::Wide(octets) => Some(Body::Html(decode(octets, Some("utf-16le")))),
            Value::Narrow(octets) | Value::Binary(octets) => {
                let page = [self.html_code_page, self.code_page].into_iter().find(|page| *page > 0);
                let stated = html::declared_charset(octets);
                let label = stated.or_else(|| page.and_then(code_page::label));
                Some(Body::Html(decode(properties::unterminated(octets), label.as_deref())))
            }
            Value::Number(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
