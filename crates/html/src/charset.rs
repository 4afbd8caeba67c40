//! The charset that an HTML document declares for itself.

/// Octets at the start of a document that are looked at. The standard asks for 1,024; mail puts
/// more before it.
const MAX_PRESCAN: usize = 4_096;
/// Longest label, in octets; none in use is half as long.
const MAX_LABEL: usize = 40;

/// The charset that a document declares for itself in its first 4,096 octets, if it does: by
/// `<meta charset>` or `<meta http-equiv="Content-Type" content="…; charset=…">`, outside of
/// comments. The label is lower case, as written otherwise, and not looked up.
///
/// Follows the prescan of the WHATWG HTML standard, section 13.2.3.2, in outline.
pub fn declared_charset(html: &[u8]) -> Option<String> {
    let mut rest = html.get(..MAX_PRESCAN).unwrap_or(html);
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            let end = comment.windows(3).position(|w| w == b"-->")?;
            rest = comment.get(end + 3..)?;
            continue;
        }
        let name_ends = rest.get(4).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/');
        let is_meta = rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"));
        if is_meta && name_ends {
            let tag = rest.split(|&b| b == b'>').next().unwrap_or(rest);
            if let Some(label) = charset_of_meta(tag) {
                return Some(label);
            }
        }
    }
    None
}

fn charset_of_meta(tag: &[u8]) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = find(rest, b"charset") {
        rest = rest.get(at + b"charset".len()..)?;
        let value = skip_blanks(rest);
        let Some(value) = value.strip_prefix(b"=") else {
            continue;
        };
        let value = skip_blanks(value);
        let quoted = value.strip_prefix(b"\"").or(value.strip_prefix(b"'"));
        let label: Vec<u8> = quoted
            .unwrap_or(value)
            .iter()
            .copied()
            .take_while(|b| b.is_ascii_alphanumeric() || b"-_:.+".contains(b))
            .take(MAX_LABEL)
            .map(|b| b.to_ascii_lowercase())
            .collect();
        if let Ok(label) = String::from_utf8(label)
            && !label.is_empty()
        {
            return Some(label);
        }
    }
    None
}

fn find(octets: &[u8], word: &[u8]) -> Option<usize> {
    octets.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}

fn skip_blanks(octets: &[u8]) -> &[u8] {
    octets.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::declared_charset;

    #[test]
    fn both_ways_of_declaring_a_charset_are_read() {
        for (html, label) in [
            ("<meta charset=\"Shift_JIS\">", Some("shift_jis")),
            ("<META CHARSET = utf-8/>", Some("utf-8")),
            (
                "<html><meta http-equiv='Content-Type' content='text/html; charset=iso-2022-jp'>",
                Some("iso-2022-jp"),
            ),
            ("<meta\ncharset='euc-jp'>", Some("euc-jp")),
            ("<!-- <meta charset=x> --><meta charset=y>", Some("y")),
            ("<meta name=charset><meta charset=z>", Some("z")),
            ("<metaphor charset=x>", None),
            ("<p>charset=utf-8</p>", None),
            ("<meta charset=>", None),
            ("<meta charset", None),
            ("<!-- <meta charset=x>", None),
            ("", None),
        ] {
            assert_eq!(declared_charset(html.as_bytes()).as_deref(), label, "{html}");
        }
    }

    #[test]
    fn what_stands_too_far_down_is_not_looked_for() {
        let far = format!("{}<meta charset=x>", " ".repeat(5_000));
        assert_eq!(declared_charset(far.as_bytes()), None);
        let long = format!("<meta charset={}>", "x".repeat(2_000));
        assert_eq!(declared_charset(long.as_bytes()).map(|l| l.len()), Some(40));
    }
}
