//! What believed hosts say of SPF, DKIM and DMARC: `Authentication-Results` (RFC 8601).
//!
//! Of fields by other hosts nothing is read. Where a field of a believed host cannot be read, every
//! method has the result [`AuthenticationResult::Unknown`] beside whatever else was said, so that
//! no rule delivers by it. Bound: [`MAX_RESULTS`].

use sekimori_mime::Header;
use sekimori_policy::{Authentication, AuthenticationResult, Organisation};

/// Most results read of one message; with more, every method has an unknown one.
pub(crate) const MAX_RESULTS: usize = 200;

/// The results that the organisation's believed hosts give.
pub(crate) fn read(header: &Header<'_>, organisation: &Organisation) -> Authentication {
    let mut found = Authentication::default();
    let hosts = &organisation.authentication_hosts;
    if hosts.is_empty() {
        return found;
    }
    let mut number = 0_usize;
    for value in header.all("Authentication-Results") {
        let (statements, mut is_faulty) = statements(value);
        let mut statements = statements.iter();
        let host = statements.next().and_then(|first| first.split_ascii_whitespace().next());
        if !host.is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host))) {
            continue;
        }
        for statement in statements {
            number = number.saturating_add(1);
            is_faulty |= number > MAX_RESULTS || take(statement, &mut found).is_none();
            if is_faulty {
                break;
            }
        }
        if is_faulty {
            for results in [&mut found.spf, &mut found.dkim, &mut found.dmarc] {
                results.push(AuthenticationResult::Unknown);
            }
            break;
        }
    }
    found
}

/// Takes in one statement, `method[/version] = result …` or `none`. `None` when it is neither.
fn take(statement: &str, found: &mut Authentication) -> Option<()> {
    let statement = statement.trim();
    if statement.is_empty() || statement.eq_ignore_ascii_case("none") {
        return Some(());
    }
    let (method, rest) = statement.split_once('=')?;
    let method = method.split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
    let results = match method.as_str() {
        "spf" => &mut found.spf,
        "dkim" => &mut found.dkim,
        "dmarc" => &mut found.dmarc,
        _ => return Some(()),
    };
    let result = rest.split_ascii_whitespace().next()?;
    results.push(match result.parse() {
        // Our own words are none of theirs.
        Err(_) | Ok(AuthenticationResult::Missing) => AuthenticationResult::Unknown,
        Ok(result) => result,
    });
    Some(())
}

/// What stands between the semicolons of a field, without comments and without the marks of quoted
/// strings, and whether it could not be read to its end. Octets that are no ASCII stand as `?`.
fn statements(value: &[u8]) -> (Vec<String>, bool) {
    let mut statements = vec![String::new()];
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut octets = value.iter().copied();
    while let Some(octet) = octets.next() {
        let plain = match octet {
            b'\\' if is_quoted || depth > 0 => octets.next().unwrap_or(b'?'),
            b'"' if depth == 0 => {
                is_quoted = !is_quoted;
                continue;
            }
            b'(' if !is_quoted => {
                depth = depth.saturating_add(1);
                b' '
            }
            b')' if !is_quoted && depth > 0 => {
                depth = depth.saturating_sub(1);
                continue;
            }
            b';' if !is_quoted && depth == 0 => {
                statements.push(String::new());
                continue;
            }
            // What is quoted says nothing of a method or a result.
            b';' | b'=' if is_quoted => b'?',
            other => other,
        };
        if depth > 0 && octet != b'(' {
            continue;
        }
        if let Some(statement) = statements.last_mut() {
            statement.push(match plain {
                b'\r' | b'\n' | b'\t' => ' ',
                b' '..=b'~' => char::from(plain),
                _ => '?',
            });
        }
    }
    (statements, is_quoted || depth > 0)
}

#[cfg(test)]
mod tests {
    use sekimori_mime::scan;
    use sekimori_policy::Limits;

    use super::*;

    fn results(fields: &str) -> Authentication {
        let mail = format!("{fields}\n\nx\n").replace('\n', "\r\n");
        let mut organisation = Organisation::new("山北町", Vec::new());
        organisation.authentication_hosts = vec!["mx.example.jp".to_owned()];
        read(&scan(mail.as_bytes(), &Limits::default()).unwrap().root().header, &organisation)
    }

    fn shown(fields: &str) -> String {
        let found = results(fields);
        let names = |list: &[AuthenticationResult]| {
            list.iter().map(|result| result.as_str()).collect::<Vec<_>>().join("+")
        };
        format!("{} {} {}", names(&found.spf), names(&found.dkim), names(&found.dmarc))
    }

    #[test]
    fn the_examples_of_rfc_8601_appendix_b_are_read() {
        for (value, said) in [
            ("mx.example.jp 1; none", "  "),
            ("mx.example.jp;\n spf=pass smtp.mailfrom=example.net", "pass  "),
            (
                "MX.example.jp;\n auth=pass (cram-md5) smtp.auth=sender@example.net;\n spf=fail smtp.mailfrom=example.net",
                "fail  ",
            ),
            (
                "mx.example.jp;\n dkim=pass reason=\"good; signature\" header.i=@mail-router.example.net;\n dkim=fail reason=\"bad signature\"",
                " pass+fail ",
            ),
            (
                "mx.example.jp (comment (inside; another)) / 1 (\\)); DKIM / 1 = (x) Pass (2048-bit key); dmarc=none;",
                " pass none",
            ),
            ("\"mx.example.jp\"; spf=softfail; dmarc=temperror", "softfail  temperror"),
        ] {
            assert_eq!(shown(&format!("Authentication-Results: {value}")), said, "{value}");
        }
    }

    #[test]
    fn other_hosts_are_not_believed() {
        for value in
            ["other.example.jp; spf=pass", "mx.example.jp.evil.example; spf=pass", "; spf=pass", ""]
        {
            assert!(results(&format!("Authentication-Results: {value}")).is_empty(), "{value}");
        }
        assert!(results("ARC-Authentication-Results: i=1; mx.example.jp; spf=pass").is_empty());
    }

    #[test]
    fn a_field_that_cannot_be_read_makes_every_result_unknown() {
        for value in [
            "mx.example.jp; spf=pass (",
            "mx.example.jp; spf=pass reason=\"",
            "mx.example.jp; spf=pass; gibberish",
            "mx.example.jp; spf=pass; dkim=",
        ] {
            let found = results(&format!("Authentication-Results: {value}"));
            assert_eq!(found.dmarc, [AuthenticationResult::Unknown], "{value}");
            assert_eq!(found.spf.last(), Some(&AuthenticationResult::Unknown), "{value}");
        }
        assert_eq!(
            shown("Authentication-Results: mx.example.jp; spf=missing; dkim=x"),
            "unknown unknown "
        );
    }

    #[test]
    fn results_over_the_bound_are_unknown() {
        let many = |number| {
            shown(&format!("Authentication-Results: mx.example.jp{}", "; dkim=pass".repeat(number)))
        };
        assert!(!many(MAX_RESULTS).contains("unknown"));
        assert!(many(MAX_RESULTS + 1).contains("unknown"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_field_holds_it_is_read_within_the_bound(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "mx.example.jp", ";", "spf", "dkim", "dmarc", "=", "pass", "fail", "(", ")",
                    "\"", "\\", " ", "/1", "x.y=z", "none", "　", "é", "\t",
                ]),
                0..600,
            ),
        ) {
            let found = results(&format!("Authentication-Results: {}", words.concat()));
            for list in [&found.spf, &found.dkim, &found.dmarc] {
                proptest::prop_assert!(list.len() <= MAX_RESULTS + 1);
            }
        }
    }
}
