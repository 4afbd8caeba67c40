//! What holds for all octets that become text.

use sekimori_charset::{
    Decoded, GETA, decode, decode_extended_value, decode_field, decode_phrase, unfold_structured,
};

/// The label before the first NUL, or none when there is no NUL, says how to read the rest: the
/// account of the text is right, its length is bounded by that of the octets, and sound UTF-8 that is
/// labelled so comes out as it is.
pub fn charset_decode(data: &[u8]) {
    let label = data.iter().position(|&b| b == 0).and_then(|end| data.split_at_checked(end));
    let (label, body) = match label {
        Some((label, body)) => (str::from_utf8(label).ok(), body.get(1..).unwrap_or_default()),
        None => (None, data),
    };
    let decoded = decode(body, label);
    assert_account(&decoded, body.len());
    assert_eq!(decoded, decode(body, label), "same input, same output");
    let named_utf8 = label.is_some_and(|label| label.eq_ignore_ascii_case("utf-8"));
    if let Ok(text) = str::from_utf8(body)
        && named_utf8
        && !text.starts_with('\u{FEFF}')
        && !text.contains('\u{1B}')
    {
        assert_eq!(decoded.text, text.replace('\u{FFFD}', "〓"), "sound UTF-8 stays as it is");
        assert!(!decoded.guessed, "what is as labelled is not guessed");
    }
}

/// The octets as a header field's value, as a phrase, as a structured value, and as an RFC 2231 value
/// cut at its asterisks: what comes out is one line, its account is right, and quotes and comments of
/// the structured form are closed.
pub fn charset_field(data: &[u8]) {
    for decoded in [decode_field(data), decode_phrase(data)] {
        assert_account(&decoded, data.len());
        assert_line(&decoded);
    }
    let structured = unfold_structured(data);
    // Each octet may be one that has to be escaped.
    assert_account(&structured, 2 * data.len() + 2);
    assert_line(&structured);
    assert_closed(&structured.text);

    let mut pieces = data.split(|&b| b == b'*');
    let charset = pieces.next().and_then(|label| str::from_utf8(label).ok());
    let pieces: Vec<_> = pieces.zip([true, false].into_iter().cycle()).collect();
    for charset in [charset, None] {
        let value = decode_extended_value(&pieces, charset);
        assert_account(&value, data.len());
        assert_line(&value);
    }
}

fn assert_line(decoded: &Decoded) {
    assert!(!decoded.text.contains(['\r', '\n']), "{:?} is one line", decoded.text);
}

/// The numbers are those of the text, and no octet becomes more than three.
fn assert_account(decoded: &Decoded, octets: usize) {
    let Decoded { text, charset, replaced, characters, .. } = decoded;
    assert_eq!(*characters, text.chars().count() as u64, "characters are counted");
    assert!(*replaced <= text.matches(GETA).count() as u64, "each loss is shown");
    assert!(!text.contains('\u{FFFD}'), "losses are shown as 〓");
    assert!(!charset.contains(|c: char| c.is_ascii_uppercase()), "{charset} is in lower case");
    assert!(text.len() <= 3 * octets, "{} octets of text of {octets}", text.len());
}

/// Outside of quoted-strings no quote stands, and each comment that is opened is closed.
fn assert_closed(text: &str) {
    let (mut quoted, mut comments) = (false, 0_u32);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if quoted || comments > 0 => {
                assert!(characters.next().is_some(), "an escape at the end of {text:?}");
            }
            '"' if comments == 0 => quoted = !quoted,
            '(' if !quoted => comments += 1,
            ')' if !quoted => comments = comments.saturating_sub(1),
            _ => {}
        }
    }
    assert!(!quoted, "a quote stays open in {text:?}");
    assert_eq!(comments, 0, "a comment stays open in {text:?}");
}
