//! URLs that stand in a text as such, written the way an organisation wants links written.
//!
//! A mail program makes a link of whatever looks like one: a scheme and `://`, or a host that begins
//! with `www.`. In the default mode the text stays as it is, for its reader to copy.

use std::borrow::Cow;

use sekimori_policy::{Language, LinkMode};

/// Octets of a scheme that are looked at; longer ones are cut there, which leaves no link either.
const MAX_SCHEME: usize = 32;

/// The text with its URLs neutralised, and how many there were. Running it again on the outcome
/// changes nothing.
pub(crate) fn neutralised(text: &str, mode: LinkMode, language: Language) -> (Cow<'_, str>, u64) {
    if mode == LinkMode::Text {
        return (Cow::Borrowed(text), 0);
    }
    let mut out = String::new();
    let (mut count, mut copied, mut searched) = (0, 0, 0);
    while let Some(found) = next(text, copied, searched) {
        let Found { start, host, resume } = found;
        searched = resume;
        let Some(scheme) = text.get(start..host) else { continue };
        if matches!(scheme, "hxxp://" | "hxxps://") {
            continue;
        }
        out.push_str(text.get(copied..start).unwrap_or_default());
        let rest = text.get(host..).unwrap_or_default();
        let length = if mode == LinkMode::Removed {
            out.push_str(match language {
                Language::Japanese => "〔リンクを削除〕",
                Language::English => "[link removed]",
            });
            url_length(rest)
        } else {
            out.push_str(&defanged(scheme));
            let length = host_length(rest);
            out.push_str(&rest.get(..length).unwrap_or_default().replace('.', "[.]"));
            length
        };
        count += 1;
        copied = host + length;
        searched = searched.max(copied);
    }
    if count == 0 {
        return (Cow::Borrowed(text), 0);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    (Cow::Owned(out), count)
}

/// Where a URL begins, where its host does, and where to go on if it is none.
struct Found {
    start: usize,
    host: usize,
    resume: usize,
}

/// The first URL whose `://` or `www.` is at or after `searched`; its scheme begins at `copied` at
/// the earliest.
fn next(text: &str, copied: usize, searched: usize) -> Option<Found> {
    let octets = text.as_bytes();
    let mut from = searched;
    loop {
        let at = from + memchr::memchr2(b':', b'.', octets.get(from..)?)?;
        from = at + 1;
        let before = octets.get(copied..at).unwrap_or_default();
        if octets.get(at..)?.starts_with(b"://") {
            let scheme = scheme_length(before);
            if scheme > 0 {
                return Some(Found { start: at - scheme, host: at + 3, resume: at + 3 });
            }
        } else if octets.get(at) == Some(&b'.') && ends_with_www(before) {
            return Some(Found { start: at - 3, host: at - 3, resume: from });
        }
    }
}

/// Octets of the scheme (RFC 3986 section 3.1) that ends `before`.
fn scheme_length(before: &[u8]) -> usize {
    let is_scheme = |b: &&u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
    let run = before.iter().rev().take(MAX_SCHEME).take_while(is_scheme).count();
    let scheme = before.get(before.len() - run..).unwrap_or_default();
    scheme.iter().position(u8::is_ascii_alphabetic).map_or(0, |letter| run - letter)
}

fn ends_with_www(before: &[u8]) -> bool {
    let (head, label) = before.split_at_checked(before.len().saturating_sub(3)).unwrap_or_default();
    label.eq_ignore_ascii_case(b"www") && !head.last().is_some_and(u8::is_ascii_alphanumeric)
}

/// A scheme with its `://`, so that no program knows it.
fn defanged(scheme: &str) -> String {
    match scheme.strip_suffix("://") {
        Some(name) if name.eq_ignore_ascii_case("https") => "hxxps://".to_owned(),
        Some(name) if name.eq_ignore_ascii_case("http") => "hxxp://".to_owned(),
        Some(name) => format!("{name}[:]//"),
        None => scheme.to_owned(),
    }
}

/// Octets of the host that `rest` begins with, its user name and port included, but not the scheme of
/// a URL that follows at once. Names in other scripts are hosts too.
fn host_length(rest: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || "/\\?#<>\"'()（）「」『』【】〔〕、。，".contains(c);
    let end = rest.find(ends).unwrap_or(rest.len());
    let (host, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match host.strip_suffix(':').filter(|_| after.starts_with("//")) {
        Some(host) => host.len() - scheme_length(host.as_bytes()),
        None => end,
    }
}

/// Octets of the URL that `rest` is the end of: to a blank, a bracket of text or a character of
/// another script, without the punctuation of the sentence around it.
fn url_length(rest: &str) -> usize {
    let ends = |c: char| !c.is_ascii_graphic() || "<>\"".contains(c);
    let url = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
    url.trim_end_matches(['.', ',', ';', ':', '!', '\'', ')', ']', '}']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, mode: LinkMode) -> (String, u64) {
        let (once, count) = neutralised(text, mode, Language::Japanese);
        let (twice, again) = neutralised(&once, mode, Language::Japanese);
        assert_eq!((twice.as_ref(), again), (once.as_ref(), 0), "a second time changes nothing");
        (once.into_owned(), count)
    }

    #[test]
    fn urls_are_written_so_that_no_program_makes_links_of_them() {
        for (text, shown, count) in [
            ("https://a.example.jp/x.html?b=1.2", "hxxps://a[.]example[.]jp/x.html?b=1.2", 1),
            ("（HTTP://a.jp:80）をご覧", "（hxxp://a[.]jp:80）をご覧", 1),
            ("www.example.jp/a, WWW.b.jp", "www[.]example[.]jp/a, WWW[.]b[.]jp", 2),
            ("http://www.a.jp", "hxxp://www[.]a[.]jp", 1),
            ("ftp://a.jp/b", "ftp[:]//a[.]jp/b", 1),
            ("https://町.jp。次の文", "hxxps://町[.]jp。次の文", 1),
            ("https://bank.jp@evil.example/", "hxxps://bank[.]jp@evil[.]example/", 1),
            ("https://a.jp/?u=https://b.jp/", "hxxps://a[.]jp/?u=hxxps://b[.]jp/", 2),
            ("ahttp://bhttp://c.jp", "ahttp[:]//bhttp[:]//c[.]jp", 2),
            ("hxxps://a[.]jp", "hxxps://a[.]jp", 0),
            (
                "://:// 3://x awww.b 時刻：10:30 a@b.jp 1.5",
                "://:// 3://x awww.b 時刻：10:30 a@b.jp 1.5",
                0,
            ),
        ] {
            assert_eq!(written(text, LinkMode::Defanged), (shown.to_owned(), count), "{text}");
            assert_eq!(written(text, LinkMode::Text), (text.to_owned(), 0));
        }
    }

    #[test]
    fn urls_are_taken_out_of_the_sentence_around_them() {
        for (text, shown, count) in [
            (
                "詳細はhttps://a.jp/b?c=d#eをご覧ください。",
                "詳細は〔リンクを削除〕をご覧ください。",
                1,
            ),
            (
                "See (https://a.jp/b). Then www.c.jp!",
                "See (〔リンクを削除〕). Then 〔リンクを削除〕!",
                2,
            ),
            ("<https://a.jp/?u=https://b.jp/>", "<〔リンクを削除〕>", 1),
            ("a@b.jp", "a@b.jp", 0),
        ] {
            assert_eq!(written(text, LinkMode::Removed), (shown.to_owned(), count), "{text}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_schemes_costs_linear_time() {
        for unit in ["a://", "aaaaaaaa", "www.", "hxxp://", ":", "://", "a."] {
            let text = unit.repeat(100_000);
            let started = std::time::Instant::now();
            for mode in [LinkMode::Defanged, LinkMode::Removed] {
                let (once, _) = neutralised(&text, mode, Language::English);
                assert_eq!(neutralised(&once, mode, Language::English).1, 0, "{unit}");
            }
            assert!(started.elapsed().as_secs() < 5, "{unit}");
        }
    }
}
