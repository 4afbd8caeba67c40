//! The charset that a document declares for itself (WHATWG HTML standard, section 13.2.3.2).

/// Octets at the start of a document that are looked at.
const HEAD: usize = 4_096;
/// Longest label that is taken.
const MAX_LABEL: usize = 64;

/// The charset that a document declares in its first 4,096 octets, as written: in `<meta charset>`,
/// in `<meta http-equiv content>`, or in an XML declaration.
pub fn declared_charset(html: &[u8]) -> Option<String> {
    let head = html.get(..html.len().min(HEAD))?.to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = after(comment, b"-->")?;
            continue;
        }
        let end = rest.iter().position(|&b| b == b'>').unwrap_or(rest.len());
        let tag = rest.get(..end)?;
        let label = if tag.starts_with(b"meta") {
            label_after(tag, b"charset")
        } else if tag.starts_with(b"?xml") {
            label_after(tag, b"encoding")
        } else if tag.starts_with(b"body") {
            return None;
        } else {
            None
        };
        if label.is_some() {
            return label;
        }
    }
    None
}

fn after<'a>(octets: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = octets.windows(end.len()).position(|window| window == end)?;
    octets.get(at + end.len()..)
}

/// The word after `name`, an equals sign and perhaps a quote.
fn label_after(tag: &[u8], name: &[u8]) -> Option<String> {
    let rest = after(tag, name)?.trim_ascii_start().strip_prefix(b"=")?;
    let is_before = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'');
    let start = rest.iter().position(|b| !is_before(b))?;
    let label: Vec<u8> = rest
        .get(start..)?
        .iter()
        .copied()
        .take_while(|&b| b.is_ascii_alphanumeric() || b"-_.:+".contains(&b))
        .take(MAX_LABEL)
        .collect();
    String::from_utf8(label).ok().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_found_in_each_of_its_forms() {
        for (html, label) in [
            ("<html><head><META charset=Shift_JIS>", Some("shift_jis")),
            (
                "<meta http-equiv='Content-Type' content='text/html; charset=EUC-JP'>",
                Some("euc-jp"),
            ),
            ("<meta charset = \"utf-8\"/>", Some("utf-8")),
            ("<?xml version='1.0' encoding='iso-2022-jp'?>", Some("iso-2022-jp")),
            ("<!-- <meta charset=x> --><meta charset=y>", Some("y")),
            ("<meta name=viewport>", None),
            ("<body><meta charset=x>", None),
            ("<meta charset=", None),
            ("", None),
        ] {
            assert_eq!(declared_charset(html.as_bytes()).as_deref(), label, "{html}");
        }
    }

    #[test]
    fn a_declaration_beyond_the_head_does_not_count() {
        let late = format!("{}<meta charset=x>", " ".repeat(HEAD));
        assert_eq!(declared_charset(late.as_bytes()), None);
        let long = format!("<meta charset={}>", "x".repeat(1_000));
        assert_eq!(declared_charset(long.as_bytes()).map(|l| l.len()), Some(MAX_LABEL));
    }
}
