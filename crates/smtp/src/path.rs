//! Paths of MAIL and RCPT: who a message is from, and whether it is for us.
//!
//! A recipient is ours only if it is a plain mailbox in a configured domain. Everything else that
//! some server somewhere would send onward is refused as relaying: another domain in any spelling,
//! and a local part that holds `%`, `!` or `@`, quoted or not, since the next hop might take it for
//! an address to route to.
//!
//! A source route is refused even where it ends in one of our domains. RFC 5321 appendix C has
//! servers ignore it or refuse it. Whoever writes one asks that the message go through other hosts
//! first: that is relaying, and mail in use has had none for decades.

use sekimori_policy::{Address, Domain, ReversePath};

use crate::RecipientDomains;

/// A path between angle brackets and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BracketedPath<'a> {
    /// What stood between the brackets.
    pub(crate) inner: &'a str,
    /// The parameters, space separated.
    pub(crate) parameters: &'a str,
}

/// Why a recipient is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientError {
    /// It is not ours, or would have us or the next hop send it elsewhere.
    Relay,
    /// A source route that ends in one of our domains.
    SourceRoute,
    /// `<>`.
    Null,
    /// A name without a domain that is not `postmaster`.
    NoDomain,
    /// In our domain, with a local part that is none.
    LocalPart,
}

/// Divides `<path>` from the parameters. Brackets inside a quoted local part do not count.
pub(crate) fn bracketed(text: &str) -> Option<BracketedPath<'_>> {
    let body = text.strip_prefix('<')?;
    let mut quoted = false;
    let mut escaped = false;
    for (index, octet) in body.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => {
                let inner = body.get(..index)?;
                let rest = body.get(index + 1..)?;
                let parted = rest.is_empty() || rest.starts_with(' ');
                let parameters = rest.trim_matches(' ');
                return parted.then_some(BracketedPath { inner, parameters });
            }
            _ => {}
        }
    }
    None
}

/// Reads the path of MAIL. A source route before the mailbox is dropped (RFC 5321 appendix C).
pub(crate) fn reverse_path(inner: &str) -> Option<ReversePath> {
    if inner.is_empty() {
        return Some(ReversePath::NULL);
    }
    let mailbox = match inner.strip_prefix('@') {
        Some(route) => after_route(route)?,
        None => inner,
    };
    Some(ReversePath(Some(Address::parse(mailbox).ok()?)))
}

/// Reads the path of RCPT.
pub(crate) fn recipient(inner: &str, ours: &RecipientDomains) -> Result<Address, RecipientError> {
    if inner.is_empty() {
        return Err(RecipientError::Null);
    }
    if let Some(route) = inner.strip_prefix('@') {
        let mailbox = after_route(route);
        let local = mailbox.is_some_and(|mailbox| recipient_mailbox(mailbox, ours).is_ok());
        return Err(if local { RecipientError::SourceRoute } else { RecipientError::Relay });
    }
    recipient_mailbox(inner, ours)
}

fn recipient_mailbox(mailbox: &str, ours: &RecipientDomains) -> Result<Address, RecipientError> {
    let Some((local, domain)) = mailbox.rsplit_once('@') else {
        return without_domain(mailbox, ours);
    };
    let known = Domain::parse(domain)
        .ok()
        // Lower case makes ASCII of some other letters (U+212A KELVIN SIGN): a look-alike is not
        // ours.
        .filter(|parsed| parsed.as_str().is_ascii() == domain.is_ascii())
        .filter(|parsed| ours.contains(parsed))
        .ok_or(RecipientError::Relay)?;
    if routes_onward(local) {
        return Err(RecipientError::Relay);
    }
    Address::from_parts(local, &known).map_err(|_| RecipientError::LocalPart)
}

fn without_domain(name: &str, ours: &RecipientDomains) -> Result<Address, RecipientError> {
    if routes_onward(name) {
        return Err(RecipientError::Relay);
    }
    if !name.eq_ignore_ascii_case("postmaster") {
        return Err(RecipientError::NoDomain);
    }
    let domain = ours.first().ok_or(RecipientError::Relay)?;
    Address::from_parts(name, domain).map_err(|_| RecipientError::LocalPart)
}

fn routes_onward(local: &str) -> bool {
    local.contains(['@', '%', '!'])
}

/// The mailbox after a source route whose `@` is taken off already, if the route ends. Colons in
/// address literals do not end it.
fn after_route(route: &str) -> Option<&str> {
    let mut literal = false;
    for (index, octet) in route.bytes().enumerate() {
        match octet {
            b'[' => literal = true,
            b']' => literal = false,
            b':' if !literal => return route.get(index + 1..),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> RecipientDomains {
        let domains = ["town.example.lg.jp", "例え.jp", "kyoto.example.jp"];
        RecipientDomains::new(domains.map(|d| Domain::parse(d).unwrap()).to_vec())
    }

    #[test]
    fn recipients_of_our_domains_are_taken_in_any_spelling_of_the_domain() {
        for (path, address) in [
            ("soumu@town.example.lg.jp", "soumu@town.example.lg.jp"),
            ("Soumu@TOWN.Example.LG.JP", "Soumu@town.example.lg.jp"),
            ("soumu@town.example.lg.jp.", "soumu@town.example.lg.jp"),
            ("abc..def@town.example.lg.jp", "abc..def@town.example.lg.jp"),
            ("abc.@town.example.lg.jp", "abc.@town.example.lg.jp"),
            ("\"a b\"@town.example.lg.jp", "\"a b\"@town.example.lg.jp"),
            ("a+b=c@town.example.lg.jp", "a+b=c@town.example.lg.jp"),
            ("総務@例え.jp", "総務@例え.jp"),
            ("postmaster", "postmaster@town.example.lg.jp"),
            ("PostMaster", "PostMaster@town.example.lg.jp"),
            ("postmaster@kyoto.example.jp", "postmaster@kyoto.example.jp"),
        ] {
            let read = recipient(path, &ours());
            assert_eq!(read.as_ref().map(Address::as_str), Ok(address), "{path}");
        }
    }

    #[test]
    fn every_spelling_of_a_foreign_recipient_is_relaying() {
        for path in [
            "a@foreign.example",
            "a@FOREIGN.example.",
            "a@town.example.lg.jp.foreign.example",
            "a@sub.town.example.lg.jp",
            "a@xtown.example.lg.jp",
            "a@town.example.lg.jp..",
            "a@.town.example.lg.jp",
            "a@town.example.lg.jp,b@foreign.example",
            "a%foreign.example@town.example.lg.jp",
            "a%foreign.example%town.example.lg.jp@town.example.lg.jp",
            "a%foreign.example",
            "foreign.example!a@town.example.lg.jp",
            "foreign.example!a",
            "foreign.example!town.example.lg.jp!a",
            "a@foreign.example@town.example.lg.jp",
            "a@town.example.lg.jp@foreign.example",
            "\"a@foreign.example\"@town.example.lg.jp",
            "\"a\\@foreign.example\"@town.example.lg.jp",
            "\"a%foreign.example\"@town.example.lg.jp",
            "\"foreign.example!a\"@town.example.lg.jp",
            "\"a@foreign.example\"",
            "\"a\"@foreign.example",
            "@foreign.example:a@foreign.example",
            "@town.example.lg.jp:a@foreign.example",
            "@foreign.example,@town.example.lg.jp:a@foreign.example",
            "@foreign.example:a%other.example@town.example.lg.jp",
            "@foreign.example",
            "@town.example.lg.jp",
            "@[IPv6:::1]:a@foreign.example",
            "a@[192.0.2.1]",
            "a@[IPv6:::1]",
            "a@[town.example.lg.jp]",
            "a@192.0.2.1",
            "a@#3221225985",
            "postmaster@foreign.example",
            "postmaster@",
            "a@",
            "a@town.example.lg.jp ",
            "a@ｔｏｗｎ.example.lg.jp",
            "a@tоwn.example.lg.jp",
            "a@\u{212A}yoto.example.jp",
            "a@town。example。lg。jp",
            "a@xn--r8jz45g.jp",
            "a＠foreign.example@foreign.example",
            "a@town.example.lg.jp\u{200B}",
            "a@town.example.lg.jp\u{ad}",
        ] {
            assert_eq!(recipient(path, &ours()), Err(RecipientError::Relay), "{path}");
        }
    }

    #[test]
    fn rfc5321_appendix_c_a_source_route_to_us_is_refused_as_what_it_is() {
        for path in [
            "@foreign.example:a@town.example.lg.jp",
            "@a.example,@b.example:a@town.example.lg.jp",
            "@[IPv6:::1]:a@town.example.lg.jp",
            "@town.example.lg.jp:a@town.example.lg.jp",
        ] {
            assert_eq!(recipient(path, &ours()), Err(RecipientError::SourceRoute), "{path}");
        }
    }

    #[test]
    fn what_names_no_mailbox_is_refused() {
        assert_eq!(recipient("", &ours()), Err(RecipientError::Null));
        assert_eq!(recipient("soumu", &ours()), Err(RecipientError::NoDomain));
        for path in
            ["@", "a b@town.example.lg.jp", "..@town.example.lg.jp", "a＠b c@town.example.lg.jp"]
        {
            assert!(recipient(path, &ours()).is_err(), "{path}");
        }
        let long = format!("{}@town.example.lg.jp", "a".repeat(256));
        assert_eq!(recipient(&long, &ours()), Err(RecipientError::LocalPart));
        assert_eq!(
            recipient("postmaster", &RecipientDomains::new(vec![])),
            Err(RecipientError::Relay)
        );
    }

    #[test]
    fn senders_are_any_mailbox_or_none() {
        assert_eq!(reverse_path(""), Some(ReversePath::NULL));
        for (path, address) in [
            ("a@foreign.example", "a@foreign.example"),
            ("abc..def@docomo.example.jp", "abc..def@docomo.example.jp"),
            ("\"<>@\"@foreign.example", "\"<>@\"@foreign.example"),
            ("@a.example,@b.example:c@d.example", "c@d.example"),
        ] {
            assert_eq!(reverse_path(path).unwrap().as_str(), address);
        }
        for path in ["a", "@a.example", "@a.example:", "a@b@c d", "a b@c", "<a@b>"] {
            assert_eq!(reverse_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_bracket_inside_quotes_does_not_end_the_path() {
        let path = bracketed("<\"a>b\\\"c\"@d.example> SIZE=1 ").unwrap();
        assert_eq!((path.inner, path.parameters), ("\"a>b\\\"c\"@d.example", "SIZE=1"));
        for text in ["", "a@b", "<a@b", "<\"a@b>", "<a@b>SIZE=1", "<<a@b>>", "<a@b>>"] {
            let inner = bracketed(text).map(|p| p.inner);
            assert!(inner.is_none() || Address::parse(inner.unwrap()).is_err(), "{text}");
        }
    }
}
