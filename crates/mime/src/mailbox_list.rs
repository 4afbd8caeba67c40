//! Cuts the value of an address field into mailboxes (RFC 5322 section 3.4).

/// Cuts unfolded text at commas and semicolons outside of quotes, comments, angle brackets and
/// domain literals, and before a second `<…>`. What stands before a colon is the name of a group.
///
/// Each octet is looked at a bounded number of times: a bracket is only taken for one if its
/// partner comes before another opens.
pub(crate) struct MailboxList<'t> {
    text: &'t str,
    at: usize,
}

/// A piece of an address field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item<'t> {
    /// What should be one mailbox: at most one `<…>` outside quotes. Never blank.
    Mailbox(&'t str),
    /// The name of a group, before its colon. May be blank.
    Group(&'t str),
}

impl<'t> MailboxList<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn item(&mut self) -> Option<Item<'t>> {
        let start = self.at;
        let octets = self.text.as_bytes();
        let mut after_angle = None;
        while let Some(&octet) = octets.get(self.at) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += match octet {
                b'"' => quoted_length(rest),
                b'(' => comment_length(rest),
                b'<' if let Some(length) = bracket_length(rest, b'<', b'>') => {
                    if let Some(end) = after_angle {
                        self.at = end;
                        return self.text.get(start..end).map(Item::Mailbox);
                    }
                    after_angle = Some(self.at + length);
                    length
                }
                b'[' => bracket_length(rest, b'[', b']').unwrap_or(1),
                b',' | b';' | b':' => {
                    let piece = self.text.get(start..self.at)?;
                    self.at += 1;
                    return Some(if octet == b':' {
                        Item::Group(piece)
                    } else {
                        Item::Mailbox(piece)
                    });
                }
                _ => 1,
            };
        }
        self.text.get(start..).filter(|t| !t.is_empty()).map(Item::Mailbox)
    }
}

impl<'t> Iterator for MailboxList<'t> {
    type Item = Item<'t>;

    fn next(&mut self) -> Option<Item<'t>> {
        loop {
            match self.item()? {
                Item::Mailbox(text) if text.trim().is_empty() => {}
                Item::Mailbox(text) => return Some(Item::Mailbox(text.trim())),
                Item::Group(name) => return Some(Item::Group(name.trim())),
            }
        }
    }
}

/// The length of a quoted-string at the beginning of `text`; all of it if it is not closed.
pub(crate) fn quoted_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, octet) in text.bytes().enumerate().skip(1) {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a comment at the beginning of `text`; all of it if it is not closed.
pub(crate) fn comment_length(text: &str) -> usize {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return at + 1,
            b')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `<…>` or `[…]` at the beginning of `text`, if it closes before another opens.
pub(crate) fn bracket_length(text: &str, opening: u8, closing: u8) -> Option<usize> {
    let inside = text.as_bytes().get(1..)?;
    let at = memchr::memchr2(opening, closing, inside)?;
    (inside.get(at) == Some(&closing)).then_some(at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item<'_>> {
        MailboxList::new(text).collect()
    }

    #[test]
    fn separators_inside_quotes_comments_and_brackets_divide_nothing() {
        let text = "\"a, b\" <a@b>, c (x, y) <c@d>, <@r,@s:e@f>, g@[IPv6:::1]";
        assert_eq!(
            items(text),
            [
                Item::Mailbox("\"a, b\" <a@b>"),
                Item::Mailbox("c (x, y) <c@d>"),
                Item::Mailbox("<@r,@s:e@f>"),
                Item::Mailbox("g@[IPv6:::1]"),
            ]
        );
    }

    #[test]
    fn two_addresses_without_a_comma_are_two() {
        assert_eq!(
            items("<a@b> x <c@d>; y"),
            [Item::Mailbox("<a@b>"), Item::Mailbox("x <c@d>"), Item::Mailbox("y")]
        );
    }

    #[test]
    fn a_bracket_that_never_closes_hides_no_separator() {
        assert_eq!(
            items("a <a@b, c <c@d, e [f, g"),
            [
                Item::Mailbox("a <a@b"),
                Item::Mailbox("c <c@d"),
                Item::Mailbox("e [f"),
                Item::Mailbox("g"),
            ]
        );
    }

    #[test]
    fn groups_are_named_and_their_members_are_mailboxes() {
        assert_eq!(
            items("課: a@b, c@d;, undisclosed:;"),
            [
                Item::Group("課"),
                Item::Mailbox("a@b"),
                Item::Mailbox("c@d"),
                Item::Group("undisclosed"),
            ]
        );
    }
}
