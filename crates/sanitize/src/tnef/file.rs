//! A file in TNEF, as it is listed.

use super::attributes;
use super::properties::{self, Properties, Value};

/// Attached by a message of its own ([MS-OXCMSG] section 2.2.2.9).
const EMBEDDED_MESSAGE: u32 = 5;
/// Octets of the interface id before the data of an object.
const INTERFACE_ID: usize = 16;

/// A file.
pub(crate) struct File<'a> {
    /// Its long name, or its short one.
    pub(crate) name: Option<String>,
    /// The media type that it declares.
    pub(crate) declared_type: String,
    pub(crate) octets: &'a [u8],
}

/// What was read of a file so far.
#[derive(Default)]
pub(super) struct Attached<'a> {
    title: Option<Value<'a>>,
    long_name: Option<Value<'a>>,
    short_name: Option<Value<'a>>,
    display_name: Option<Value<'a>>,
    media_type: Option<Value<'a>>,
    method: u32,
    data: &'a [u8],
    object: &'a [u8],
}

impl<'a> Attached<'a> {
    pub(super) fn read(&mut self, id: u32, data: &'a [u8]) {
        match id {
            attributes::ATTACHMENT_TITLE => self.title = Some(Value::Narrow(data)),
            attributes::ATTACHMENT_DATA => self.data = data,
            attributes::ATTACHMENT_PROPERTIES => {
                for (id, value) in Properties::new(data) {
                    self.property(id, value);
                }
            }
            _ => {}
        }
    }

    fn property(&mut self, id: u16, value: Value<'a>) {
        match (id, value) {
            (properties::ATTACH_LONG_FILE_NAME, value) => self.long_name = Some(value),
            (properties::ATTACH_FILE_NAME, value) => self.short_name = Some(value),
            (properties::DISPLAY_NAME, value) => self.display_name = Some(value),
            (properties::ATTACH_MIME_TAG, value) => self.media_type = Some(value),
            (properties::ATTACH_METHOD, Value::Number(method)) => self.method = method,
            (properties::ATTACH_DATA, Value::Binary(octets)) => self.object = octets,
            _ => {}
        }
    }

    /// The file, unless nothing is known of it; `page` is the code page of its names.
    pub(super) fn finish(self, page: u32) -> Option<File<'a>> {
        let text = |value: Option<Value<'_>>| {
            let text = value.and_then(|value| value.decoded(page))?.text;
            Some(text).filter(|text| !text.trim().is_empty())
        };
        let name = text(self.long_name)
            .or_else(|| text(self.title))
            .or_else(|| text(self.short_name))
            .or_else(|| text(self.display_name));
        let declared = if self.method == EMBEDDED_MESSAGE { "application/ms-tnef" } else { "" };
        let declared_type = text(self.media_type).unwrap_or_else(|| declared.to_owned());
        let octets = if self.data.is_empty() {
            self.object.get(INTERFACE_ID..).unwrap_or(self.object)
        } else {
            self.data
        };
        let is_known = name.is_some() || !octets.is_empty();
        let declared_type = if declared_type.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            declared_type
        };
        is_known.then_some(File { name, declared_type, octets })
    }
}
