//! Where links lead, read as a browser would and written so that a person sees the true host.
//!
//! Follows the WHATWG URL standard where it matters for that: tabs and line ends inside a target
//! do not count, a backslash is a slash, any number of slashes may follow the scheme, and what
//! stands before `@` is no part of the host.

use std::borrow::Cow;
use std::fmt::Write as _;

use sekimori_policy::LinkMode;

use crate::document::is_invisible;
use crate::host;

/// Longest target written whole, in characters; longer ones lose their query, then their end. The
/// original has all of it.
const MAX_SHOWN: usize = 200;
/// Octets of a target that are read.
const MAX_READ: usize = 16 * 1024;

/// A place that a reader may be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A page on the web.
    Web {
        /// `http` or `https`.
        scheme: &'static str,
        /// With the port, without user names.
        host: String,
        /// Path, query and fragment, as written.
        path: String,
    },
    /// A mailbox or several.
    Mail(String),
    /// A telephone number.
    Telephone(String),
}

impl Target {
    /// Reads a target; `base` is what the document says relative targets are relative to. Nothing
    /// for a place inside the document, for scripts and data, and for what cannot be read.
    pub(crate) fn parse(href: &str, base: Option<&Self>) -> Option<Self> {
        let href = host::first_octets(href, MAX_READ).trim_matches(|c: char| c <= ' ');
        let href = if href.bytes().all(|b| matches!(b, b' '..=b'~')) {
            Cow::Borrowed(href)
        } else {
            Cow::Owned(href.chars().filter(|c| !c.is_control()).collect())
        };
        match split_scheme(&href) {
            Some((scheme, rest)) => match scheme.as_str() {
                "http" => web("http", rest),
                "https" => web("https", rest),
                "mailto" => {
                    let address = rest.split('?').next().unwrap_or_default().trim();
                    (!address.is_empty()).then(|| Self::Mail(escaped(address)))
                }
                "tel" => (!rest.is_empty()).then(|| Self::Telephone(escaped(rest))),
                _ => None,
            },
            None => relative(&href, base?),
        }
    }

    /// As it is written in the text.
    pub(crate) fn shown(&self, mode: LinkMode) -> String {
        let defanged = mode == LinkMode::Defanged;
        match self {
            Self::Web { scheme, host, path } => {
                let mut out = String::with_capacity(host.len() + path.len() + 16);
                if defanged {
                    let scheme = if *scheme == "https" { "hxxps" } else { "hxxp" };
                    let _ = write!(out, "{scheme}://{}", shortened(host, "").replace('.', "[.]"));
                } else {
                    let _ = write!(out, "{scheme}://{}", shortened(host, ""));
                }
                out.push_str(&shortened(path, host));
                out
            }
            Self::Mail(address) => {
                let address = shortened(address, "");
                match address.rsplit_once('@') {
                    Some((local, domain)) if defanged => {
                        format!("{local}@{}", domain.replace('.', "[.]"))
                    }
                    _ => address,
                }
            }
            Self::Telephone(number) => shortened(number, ""),
        }
    }

    /// Whether the link's words say where it leads as well as [`Target::shown`] would.
    pub(crate) fn is_said_by(&self, words: &str) -> bool {
        let words = words.trim();
        if words.len() > MAX_READ {
            return false;
        }
        match self {
            Self::Web { scheme, host, path } => {
                let Some(rest) = words.strip_prefix(scheme).and_then(|w| w.strip_prefix("://"))
                else {
                    return false;
                };
                rest.strip_prefix(host.as_str())
                    .is_some_and(|p| p.trim_end_matches('/') == path.trim_end_matches('/'))
            }
            Self::Mail(address) => words.eq_ignore_ascii_case(address),
            Self::Telephone(number) => {
                let digits =
                    |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
                let number = digits(number);
                !number.is_empty() && digits(words) == number
            }
        }
    }

    /// Whether the link's words name a host of another registrable name than it leads to.
    pub(crate) fn is_belied_by(&self, words: &str) -> bool {
        match self {
            Self::Web { host, .. } => {
                let host = host.split(':').next().unwrap_or(host);
                host::named_in(words).is_some_and(|named| !host::same_registrable(&named, host))
            }
            Self::Mail(address) => match (host::mail_domain(words), host::mail_domain(address)) {
                (Some(named), Some(true_one)) => !host::same_registrable(&named, &true_one),
                _ => false,
            },
            Self::Telephone(_) => false,
        }
    }
}

/// The scheme in lower case and what follows its colon.
fn split_scheme(href: &str) -> Option<(String, &str)> {
    let (scheme, rest) = href.split_once(':')?;
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    fits.then(|| (scheme.to_ascii_lowercase(), rest))
}

fn web(scheme: &'static str, rest: &str) -> Option<Target> {
    let rest = rest.trim_start_matches(['/', '\\']);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if host.is_empty() {
        return None;
    }
    let host = if host.is_ascii() {
        escaped(&host.to_ascii_lowercase())
    } else {
        escaped(&host.to_lowercase().replace(is_invisible, ""))
    };
    Some(Target::Web { scheme, host, path: escaped(path) })
}

fn relative(href: &str, base: &Target) -> Option<Target> {
    let Target::Web { scheme, host, path } = base else {
        return None;
    };
    let slashed = href.replace('\\', "/");
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    if let Some(rest) = slashed.strip_prefix("//") {
        return web(scheme, rest);
    }
    let folder = path.split(['?', '#']).next().unwrap_or_default();
    let path = if href.starts_with(['/', '\\']) {
        escaped(href)
    } else if href.starts_with('?') {
        format!("{folder}{}", escaped(href))
    } else {
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{}", escaped(href))
    };
    Some(Target::Web { scheme, host: host.clone(), path })
}

/// Without what would end the target early in the text around it.
fn escaped(part: &str) -> String {
    if part.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"')) {
        return part.to_owned();
    }
    let mut out = String::with_capacity(part.len());
    for c in part.chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '"' => out.push_str("%22"),
            c if c.is_whitespace() || is_invisible(c) => {
                for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "%{octet:02X}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// `part` within what `before` leaves of [`MAX_SHOWN`]; cut at its query if that is enough.
fn shortened(part: &str, before: &str) -> String {
    let room = MAX_SHOWN.saturating_sub(before.chars().count());
    if part.chars().count() <= room {
        return part.to_owned();
    }
    let without_query = match part.find(['?', '#']) {
        Some(at) => part.get(..=at).unwrap_or(part),
        None => part,
    };
    let mut out: String = without_query.chars().take(room).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(href: &str, mode: LinkMode) -> Option<String> {
        Target::parse(href, None).map(|t| t.shown(mode))
    }

    #[test]
    fn the_three_ways_of_writing_a_target_differ_in_scheme_and_dots_of_the_host_alone() {
        let href = "https://www.example.jp/a.html?x=1.2";
        assert_eq!(shown(href, LinkMode::Text).as_deref(), Some(href));
        assert_eq!(
            shown(href, LinkMode::Defanged).as_deref(),
            Some("hxxps://www[.]example[.]jp/a.html?x=1.2")
        );
        assert_eq!(
            shown("mailto:a.b@example.jp?subject=x", LinkMode::Defanged).as_deref(),
            Some("a.b@example[.]jp")
        );
    }

    #[test]
    fn targets_are_read_as_a_browser_reads_them() {
        for (href, true_target) in [
            (" https://example.jp ", Some("https://example.jp")),
            ("HTTPS://EXAMPLE.jp/A", Some("https://example.jp/A")),
            ("ht\ntps://exa\tmple.jp", Some("https://example.jp")),
            ("https:\\\\example.jp\\x", Some("https://example.jp\\x")),
            ("https:////example.jp", Some("https://example.jp")),
            ("https:example.jp", Some("https://example.jp")),
            ("https://bank.jp@evil.example/", Some("https://evil.example/")),
            ("https://a.jp:8443/x y<z>", Some("https://a.jp:8443/x%20y%3Cz%3E")),
            (
                "https://exa\u{200b}mple.jp/\u{202e}\u{3000}",
                Some("https://example.jp/%E2%80%AE%E3%80%80"),
            ),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("vbscript:x", None),
            ("file:///etc/passwd", None),
            ("cid:1@x", None),
            ("#top", None),
            ("", None),
            ("https://", None),
            ("tel:+81-3-1234", Some("+81-3-1234")),
        ] {
            assert_eq!(shown(href, LinkMode::Text).as_deref(), true_target, "{href}");
        }
    }

    #[test]
    fn relative_targets_follow_the_base_and_are_nothing_without_one() {
        let base = Target::parse("https://example.jp/news/index.html?x", None);
        for (href, true_target) in [
            ("a.html", Some("https://example.jp/news/a.html")),
            ("/b", Some("https://example.jp/b")),
            ("?q=1", Some("https://example.jp/news/index.html?q=1")),
            ("//other.example/c", Some("https://other.example/c")),
            ("\\\\other.example/c", Some("https://other.example/c")),
            ("#d", None),
        ] {
            let target = Target::parse(href, base.as_ref()).map(|t| t.shown(LinkMode::Text));
            assert_eq!(target.as_deref(), true_target, "{href}");
        }
        assert_eq!(Target::parse("a.html", None), None);
    }

    #[test]
    fn a_tracking_target_of_a_thousand_characters_keeps_host_and_path() {
        let long = format!("https://click.example.jp/track?u={}", "x".repeat(1_000));
        assert_eq!(
            shown(&long, LinkMode::Text).as_deref(),
            Some("https://click.example.jp/track?…")
        );
        let path = format!("https://example.jp/{}", "あ".repeat(1_000));
        let path = shown(&path, LinkMode::Text).unwrap();
        assert!(path.ends_with('…'));
        assert!(path.chars().count() <= MAX_SHOWN + "https://".len() + 1);
        let host = format!("https://{}/", "a.".repeat(5_000));
        assert!(shown(&host, LinkMode::Defanged).unwrap().len() < 3 * MAX_SHOWN);
    }

    #[test]
    fn words_that_name_another_host_belie_the_target() {
        let evil = Target::parse("https://evil.example/", None).unwrap();
        assert!(evil.is_belied_by("https://www.bank.co.jp/"));
        assert!(evil.is_belied_by("www.bank.co.jp"));
        assert!(!evil.is_belied_by("www.evil.example"));
        assert!(!evil.is_belied_by("こちら"));
        let mail = Target::parse("mailto:a@evil.example", None).unwrap();
        assert!(mail.is_belied_by("info@bank.co.jp"));
        assert!(!mail.is_belied_by("b@evil.example"));
    }

    #[test]
    fn words_that_are_the_target_say_it() {
        let target = Target::parse("https://example.jp/", None).unwrap();
        assert!(target.is_said_by("https://example.jp"));
        assert!(!target.is_said_by("https://example.jp/x"));
        assert!(!target.is_said_by("example"));
        let mail = Target::parse("mailto:info@example.jp", None).unwrap();
        assert!(mail.is_said_by("info@example.jp"));
        let tel = Target::parse("tel:0312345678", None).unwrap();
        assert!(tel.is_said_by("03-1234-5678"));
    }
}
