//! Content lines of calendars and contacts (RFC 5545 section 3.1, RFC 6350 section 3.3): a name,
//! parameters and a value, folded.

/// The lines of `source`, unfolded.
pub(crate) fn unfolded(source: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in source.lines() {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(continued), Some(open)) => open.push_str(continued),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Name in capitals, parameters and value of a content line. The colon that ends the parameters is
/// outside of quotes.
pub(crate) fn property(line: &str) -> Option<(String, &str, &str)> {
    let mut is_quoted = false;
    let colon = line.find(|c| {
        is_quoted ^= c == '"';
        c == ':' && !is_quoted
    })?;
    let (head, value) = line.split_at_checked(colon)?;
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters, value.get(1..)?))
}

/// The value of a parameter, without its quotes. A semicolon in quotes ends none.
pub(crate) fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let mut is_quoted = false;
    let mut each = parameters.split(|c| {
        is_quoted ^= c == '"';
        c == ';' && !is_quoted
    });
    each.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// TEXT values escape line ends, commas, semicolons and backslashes (RFC 5545 section 3.3.11).
pub(crate) fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            _ => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// The components of a structured value, unescaped: what stands between semicolons that are not
/// escaped themselves.
pub(crate) fn components(value: &str) -> Vec<String> {
    let mut is_escaped = false;
    let parts = value.split(|c| {
        let ends = c == ';' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    parts.map(unescaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_line_with_quotes_is_taken_apart() {
        let lines =
            unfolded("ORGANIZER;CN=\"総務: 課; 係\r\n  長\";ROLE=CHAIR:MAILTO\r\n\t:a@b.jp\r\nX");
        assert_eq!(lines.len(), 2);
        let (name, parameters, value) = property(&lines[0]).unwrap();
        assert_eq!((name.as_str(), value), ("ORGANIZER", "MAILTO:a@b.jp"));
        assert_eq!(parameter(parameters, "cn"), Some("総務: 課; 係 長"));
        assert_eq!(parameter(parameters, "ROLE"), Some("CHAIR"));
        assert_eq!(property(&lines[1]), None);
    }

    #[test]
    fn escapes_are_undone_and_part_no_components() {
        assert_eq!(unescaped(" a\\, b\\nc\\\\ \\"), "a, b\nc\\");
        assert_eq!(components("今井;真司\\;;\\\\;"), ["今井", "真司;", "\\", ""]);
    }
}
