//! A text/plain body as characters.

use sekimori_charset::Decoded;
use sekimori_mime::Part;

use crate::flowed;

/// Decodes a text by its part's charset, and puts flowed paragraphs together.
pub(crate) fn decode(part: &Part<'_>, octets: &[u8]) -> Decoded {
    let mut decoded = sekimori_charset::decode(octets, part.content_type.charset().as_deref());
    let is = |name, value: &str| {
        part.content_type
            .parameter(name)
            .is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
    };
    if is("format", "flowed") {
        decoded.text = flowed::unwrap(&decoded.text, is("delsp", "yes"));
    }
    decoded
}
