//! Paragraphs of `format=flowed` put together again (RFC 3676 section 4).

/// Unwraps `text` (LF or CRLF line ends). `delsp`: the space that marks a flowed line is no part of
/// it, as Japanese text needs it.
pub(crate) fn unwrap(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut flowing_from: Option<usize> = None;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let depth = line.bytes().take_while(|&b| b == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        // A line of another depth ends a paragraph, flowed or not (section 4.5).
        if index > 0 && (flowing_from != Some(depth) || is_signature) {
            out.push('\n');
            flowing_from = None;
        }
        if flowing_from.is_none() && depth > 0 {
            out.extend(std::iter::repeat_n('>', depth));
            out.push(' ');
        }
        let is_flowed = content.ends_with(' ') && !is_signature;
        let marker = usize::from(is_flowed && delsp);
        out.push_str(content.get(..content.len() - marker).unwrap_or(content));
        flowing_from = is_flowed.then_some(depth);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_become_paragraphs() {
        let text = "One \r\nparagraph \r\nhere.\r\n\r\nAnother.\r\n";
        assert_eq!(unwrap(text, false), "One paragraph here.\n\nAnother.\n");
    }

    #[test]
    fn japanese_with_delsp_has_no_spaces_left() {
        assert_eq!(unwrap("一つの \n段落 \nです。\n", true), "一つの段落です。\n");
    }

    #[test]
    fn quotes_flow_within_their_depth_only() {
        assert_eq!(unwrap("> a \n> b\n>> c \n> d\ne", false), "> a b\n>> c \n> d\ne");
    }

    #[test]
    fn stuffed_spaces_go_and_the_signature_stands_alone() {
        assert_eq!(unwrap("a \n-- \nname\n >x", false), "a \n-- \nname\n>x");
    }
}
