//! The text of style sheets: what is said, without comments and escapes, and where each declaration
//! ends (CSS Syntax 3, sections 4 and 5.4.4 in outline). One pass, no recursion.

use std::borrow::Cow;

/// One declaration.
pub(crate) struct Declaration<'a> {
    pub(crate) property: &'a str,
    pub(crate) value: &'a str,
    pub(crate) important: bool,
}

/// The declarations of a block, in order. Semicolons within quotes and brackets part nothing.
pub(crate) struct Declarations<'a>(&'a str);

impl<'a> Declarations<'a> {
    pub(crate) fn new(plain: &'a str) -> Self {
        Self(plain)
    }
}

impl<'a> Iterator for Declarations<'a> {
    type Item = Declaration<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let end = declaration_end(self.0);
            let (declaration, rest) = self.0.split_at_checked(end)?;
            self.0 = rest.strip_prefix(';').unwrap_or(rest);
            if let Some((property, value)) = declaration.split_once(':') {
                let value = value.trim();
                let (value, important) = match value.rsplit_once('!') {
                    Some((before, mark)) if mark.trim() == "important" => (before.trim_end(), true),
                    _ => (value, false),
                };
                return Some(Declaration { property: property.trim(), value, important });
            }
        }
        None
    }
}

fn declaration_end(css: &str) -> usize {
    let mut quote = None;
    let mut brackets = 0_u32;
    for (at, byte) in css.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), b) if b == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => brackets = brackets.saturating_add(1),
            (None, b')') => brackets = brackets.saturating_sub(1),
            (None, b';') if brackets == 0 => return at,
            _ => {}
        }
    }
    css.len()
}

/// The same declarations in lower case, without comments, and with escapes decoded.
pub(crate) fn plain(css: &str) -> Cow<'_, str> {
    let is_plain = !css.bytes().any(|b| b.is_ascii_uppercase() || b == b'\\' || b == b'*');
    if is_plain {
        return Cow::Borrowed(css);
    }
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find(['\\', '/']) {
        let (before, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some(comment) = special.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            out.push(' ');
        } else if let Some(escaped) = special.strip_prefix('\\') {
            rest = decode_escape(escaped, &mut out);
        } else {
            out.push('/');
            rest = special.strip_prefix('/').unwrap_or_default();
        }
    }
    out.push_str(rest);
    out.make_ascii_lowercase();
    Cow::Owned(out)
}

/// Decodes what follows a backslash: up to six hexadecimal digits and one blank, or any character
/// for itself (CSS Syntax 3, section 4.3.7).
fn decode_escape<'a>(escaped: &'a str, out: &mut String) -> &'a str {
    let digits = escaped.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let (number, rest) = escaped.split_at_checked(digits).unwrap_or(("", escaped));
    if number.is_empty() {
        let mut characters = rest.chars();
        out.extend(characters.next());
        return characters.as_str();
    }
    let character = u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    out.push(character.unwrap_or('\u{fffd}'));
    rest.strip_prefix([' ', '\t', '\n']).unwrap_or(rest)
}
