//! Which of the forms of one body is shown.
//!
//! The sender's own plain form is taken unless the HTML form evidently says more (a plain form is
//! then an abridgement, or only the remark that the mail is HTML), or has a link that shows one host
//! and leads to another: a reader must see that.

use std::collections::BTreeMap;

use sekimori_mime::{Message, Part, PartId};

use crate::leaf::{Form, Role};
use crate::plain;

/// By which part of the plain form the HTML form must say more to be taken: a third. Forms of the same
/// text differ by less, though the plain one writes out URLs that the other does not.
const MORE_BY: usize = 3;
/// How many times more one form must say for the two to be called different.
const DIFFERENT: usize = 2;
/// How many characters more it must be at least, for either.
const MARGIN: usize = 100;

/// The forms of a multipart/alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The child to show; none when no child has text to show.
    pub(crate) shown: Option<PartId>,
    /// Whether the forms evidently say different things.
    pub(crate) is_different: bool,
}

/// What leaves say, each measured once however many containers it is weighed in.
#[derive(Debug, Default)]
pub(crate) struct Measured(BTreeMap<PartId, Said>);

/// How much a text says.
#[derive(Debug, Clone, Copy)]
struct Said {
    characters: usize,
    deceives: bool,
}

impl Measured {
    fn plain(&mut self, part: &Part<'_>) -> Said {
        *self.0.entry(part.id).or_insert_with(|| {
            let decoded = plain::decode(part, &part.decoded_body().0);
            let characters = decoded.text.chars().filter(|c| !c.is_whitespace()).count();
            Said { characters, deceives: false }
        })
    }

    fn html(&mut self, part: &Part<'_>) -> Said {
        *self.0.entry(part.id).or_insert_with(|| {
            let (source, _) = part.decoded_body();
            Said { characters: html_characters(&source), deceives: deceives(&source) }
        })
    }
}

/// Chooses among the children of `part`.
pub(crate) fn choose(message: &Message<'_>, part: &Part<'_>, measured: &mut Measured) -> Choice {
    let mut plain = None;
    let mut html = None;
    // Later forms are the richer ones (RFC 2046 section 5.1.4).
    for &child in &part.children {
        match text_form(message, child) {
            Some((Form::Plain, leaf)) => plain = Some((child, leaf)),
            Some((Form::Html, leaf)) => html = Some((child, leaf)),
            _ => {}
        }
    }
    let (Some((plain, plain_leaf)), Some((html, html_leaf))) = (plain, html) else {
        let shown = plain.or(html).map(|(child, _)| child);
        return Choice { shown, is_different: false };
    };
    let said = measured.plain(message.part(plain_leaf)).characters;
    let rich = measured.html(message.part(html_leaf));
    let exceeds = |one: usize, other: usize| one > other * DIFFERENT + MARGIN;
    let says_more = said == 0 || rich.characters > said + said / MORE_BY + MARGIN || rich.deceives;
    let differs = rich.deceives || exceeds(rich.characters, said) || exceeds(said, rich.characters);
    Choice { shown: Some(if says_more { html } else { plain }), is_different: said > 0 && differs }
}

/// The first text that would be shown of a child: itself, or within it.
fn text_form(message: &Message<'_>, child: PartId) -> Option<(Form, PartId)> {
    let mut open = vec![child];
    while let Some(id) = open.pop() {
        let part = message.part(id);
        match Form::of(part, Role::Shown) {
            form @ (Form::Plain | Form::Html) => return Some((form, id)),
            _ if part.content_type.kind == "multipart" => open.extend(part.children.iter().rev()),
            _ => {}
        }
    }
    None
}

/// About how many characters of HTML a reader would see: what stands outside of tags, comments,
/// scripts and style sheets, without white space. An entity counts as one.
fn html_characters(octets: &[u8]) -> usize {
    let mut seen = 0;
    let mut rest = octets;
    while !rest.is_empty() {
        let text = memchr::memchr(b'<', rest).unwrap_or(rest.len());
        let (before, tag) = rest.split_at_checked(text).unwrap_or((rest, &[]));
        seen += text_characters(before);
        let end = closing(tag);
        rest = tag.get(end..).unwrap_or_default();
    }
    seen
}

/// Octets of a link's tag, and of its text, that are looked at.
const LINK: usize = 2_000;

/// Whether HTML has a link whose text shows a host that its target does not have.
fn deceives(html: &[u8]) -> bool {
    memchr::memmem::find_iter(html, b"://").any(|at| {
        // The scheme of a text that follows a tag at once, and the tag before it.
        let before = html.get(at.saturating_sub(LINK)..at).unwrap_or_default();
        let before = before.strip_suffix(b"http").or_else(|| before.strip_suffix(b"https"));
        let Some(tag) = before.and_then(|b| b.trim_ascii_end().strip_suffix(b">")) else {
            return false;
        };
        let Some(target) = memchr::memmem::rfind(tag, b"://").and_then(|at| tag.get(at + 3..))
        else {
            return false;
        };
        let is_within_tag = memchr::memrchr(b'<', tag).is_some_and(|open| {
            let tag = tag.get(open..).unwrap_or_default();
            tag.len() > target.len() && tag.get(1..2).is_some_and(|a| a.eq_ignore_ascii_case(b"a"))
        });
        let shown = html.get(at + 3..).unwrap_or_default();
        is_within_tag && !host(target).eq_ignore_ascii_case(host(shown))
    })
}

/// What stands for the host at the start of the rest of a URL, with user-info and port.
fn host(rest: &[u8]) -> &[u8] {
    let ends = |b: &u8| !(b.is_ascii_alphanumeric() || b"-._@:%[]".contains(b));
    let end = rest.iter().take(LINK).position(ends).unwrap_or(rest.len().min(LINK));
    rest.get(..end).unwrap_or_default()
}

/// Where a tag ends; for a comment, script or style sheet, where its content does.
fn closing(tag: &[u8]) -> usize {
    let is = |name: &[u8]| tag.get(1..=name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name));
    let past = |needle: &[u8]| memchr::memmem::find(tag, needle).map(|at| at + needle.len());
    // An end tag of either case, and the rest of it.
    let past_tag = |small: &[u8], capital: &[u8]| {
        let at = past(small).or_else(|| past(capital))?;
        memchr::memchr(b'>', tag.get(at..)?).map(|end| at + end + 1)
    };
    let end = if tag.starts_with(b"<!--") {
        past(b"-->")
    } else if is(b"style") {
        past_tag(b"</style", b"</STYLE")
    } else if is(b"script") {
        past_tag(b"</script", b"</SCRIPT")
    } else {
        memchr::memchr(b'>', tag).map(|at| at + 1)
    };
    end.unwrap_or(tag.len())
}

/// Characters that are no white space. Octets of other charsets than UTF-8 are counted by their
/// lead, as far as that can be told without decoding: it is an estimate.
fn text_characters(text: &[u8]) -> usize {
    let mut count = 0;
    let mut in_entity = false;
    for &b in text {
        match b {
            b';' if in_entity => in_entity = false,
            b'&' => {
                in_entity = true;
                count += 1;
            }
            b if b.is_ascii_whitespace() => in_entity = false,
            0x80..0xC0 => {}
            _ if in_entity => {}
            _ => count += 1,
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_shows_another_host_is_seen() {
        for html in [
            "<a href=\"https://evil.example.net/x\">https://town.example.lg.jp/x</a>",
            "<A class=x HREF='http://evil.example/'> http://town.example/",
            "<a href=\"https://town.example.lg.jp@192.0.2.1/\">https://town.example.lg.jp/</a>",
        ] {
            assert!(deceives(html.as_bytes()), "{html}");
        }
        for html in [
            "<a href=\"https://Town.example/x?y\">https://town.example/x</a>",
            "<a href=\"https://a.example/\">資料</a> https://b.example/",
            "<img src=\"https://a.example/\">https://b.example/",
            "<p>https://b.example/</p>",
            "://://://",
        ] {
            assert!(!deceives(html.as_bytes()), "{html}");
        }
    }

    #[test]
    fn what_a_reader_sees_of_html_is_counted() {
        for (html, count) in [
            ("<p>abc&nbsp;d</p>", 5),
            ("<style>p { color: red }</style><!-- > x -->あい", 2),
            ("<script>if (a<b) {}</script>x", 1),
            ("a<b", 1),
            ("", 0),
        ] {
            assert_eq!(html_characters(html.as_bytes()), count, "{html}");
        }
    }
}
