//! Parameter values by RFC 2231.

use crate::decoded::{Decoded, Reading};
use crate::field::push_line;
use crate::label::Charset;
use crate::{body, encoded_word, field};

/// Decodes the value of one parameter, whose `pieces` (the continuations of RFC 2231 section 3, in
/// order) are each an octet string and whether it is percent-encoded (its name ended in `*`).
///
/// `charset` is the one that the caller has already taken off the value. With `None`, a first piece
/// that is percent-encoded begins with `charset'language'`, and a value of which no piece is
/// percent-encoded is read as [`decode_field`](crate::decode_field) reads a field: many senders put
/// encoded-words or raw 8-bit text there. A `%` without two digits stays as it is. The result holds
/// no CR and no LF.
pub fn decode_extended_value(pieces: &[(&[u8], bool)], charset: Option<&str>) -> Decoded {
    let encoded = pieces.iter().any(|(_, percent_encoded)| *percent_encoded);
    if charset.is_none() && !encoded {
        let joined: Vec<&[u8]> = pieces.iter().map(|(piece, _)| *piece).collect();
        return field::read(&joined.concat()).finish();
    }
    let mut octets = Vec::with_capacity(pieces.iter().map(|(piece, _)| piece.len()).sum());
    let mut label = charset;
    for (at, (piece, percent_encoded)) in pieces.iter().enumerate() {
        if !percent_encoded {
            octets.extend_from_slice(piece);
            continue;
        }
        let mut value = *piece;
        if at == 0 && label.is_none() {
            (label, value) = charset_of(piece);
        }
        percent_decoded(value, &mut octets);
    }
    let read = body::read(&octets, label.and_then(Charset::from_label));
    let mut text = String::with_capacity(read.text.len());
    push_line(&mut text, &read.text);
    Reading { text, ..read }.finish()
}

/// The charset of an initial value and what follows the second apostrophe (RFC 2231 section 4); all
/// of it is value when there are not two.
fn charset_of(piece: &[u8]) -> (Option<&str>, &[u8]) {
    let mut parts = piece.splitn(3, |octet| *octet == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_language), Some(value)) => {
            (core::str::from_utf8(charset).ok(), value)
        }
        _ => (None, piece),
    }
}

fn percent_decoded(value: &[u8], octets: &mut Vec<u8>) {
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let octet = match rest {
            [b'%', high, low, ..] => encoded_word::hex_octet(*high, *low),
            _ => None,
        };
        octets.push(octet.unwrap_or(*first));
        rest = if octet.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
}
