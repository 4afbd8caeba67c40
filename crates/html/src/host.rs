//! Host names in links and in the words that people click on.

/// Second-level labels under which a country's registry lets names be registered.
const REGISTRY_LABELS: [&str; 16] = [
    "ac", "ad", "co", "com", "ed", "edu", "geo", "go", "gov", "gr", "lg", "mil", "ne", "net", "or",
    "org",
];

/// The geographic second-level labels of `.jp`, under which towns and cities have their names.
const PREFECTURES: [&str; 47] = [
    "aichi",
    "akita",
    "aomori",
    "chiba",
    "ehime",
    "fukui",
    "fukuoka",
    "fukushima",
    "gifu",
    "gunma",
    "hiroshima",
    "hokkaido",
    "hyogo",
    "ibaraki",
    "ishikawa",
    "iwate",
    "kagawa",
    "kagoshima",
    "kanagawa",
    "kochi",
    "kumamoto",
    "kyoto",
    "mie",
    "miyagi",
    "miyazaki",
    "nagano",
    "nagasaki",
    "nara",
    "niigata",
    "oita",
    "okayama",
    "okinawa",
    "osaka",
    "saga",
    "saitama",
    "shiga",
    "shimane",
    "shizuoka",
    "tochigi",
    "tokushima",
    "tokyo",
    "tottori",
    "toyama",
    "wakayama",
    "yamagata",
    "yamaguchi",
    "yamanashi",
];

/// Longest text that is looked at for a host, in octets.
const MAX_TEXT: usize = 2_048;

/// Whether two hosts belong to one registrable name (`www.example.co.jp` and `example.co.jp`).
pub(crate) fn same_registrable(one: &str, other: &str) -> bool {
    let (one, other) = (normal(one), normal(other));
    one == other || registrable(&one) == registrable(&other)
}

/// The part of a host that someone registers. Without the public suffix list: two labels, three
/// under a registry's label (`co.jp`), four under a prefecture of Japan.
fn registrable(host: &str) -> &str {
    if host.starts_with('[') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host;
    }
    let mut from_end = host.rsplit('.');
    let (top, second) = (from_end.next(), from_end.next());
    let labels = match (top, second) {
        (Some("jp"), Some(second)) if PREFECTURES.contains(&second) => 4,
        (Some(top), Some(second)) if top.len() == 2 && REGISTRY_LABELS.contains(&second) => 3,
        _ => 2,
    };
    let start = host.rmatch_indices('.').nth(labels - 1).map_or(0, |(at, _)| at + 1);
    host.get(start..).unwrap_or(host)
}

/// The host that a link's words name, if they look like an address of the web: `http(s)://host`
/// or `www.host` anywhere in them, or nothing but a host with or without a path.
pub(crate) fn named_in(words: &str) -> Option<String> {
    let words = first_octets(words.trim(), MAX_TEXT);
    let plain = normal(words);
    for mark in ["https://", "http://", "hxxps://", "hxxp://"] {
        if let Some((_, after)) = plain.split_once(mark) {
            return host_at_start(after);
        }
    }
    if let Some(at) = plain.find("www.")
        && plain
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_alphanumeric() && c != '.' && c != '-')
    {
        return host_at_start(plain.get(at..)?);
    }
    let alone = !plain.contains(char::is_whitespace) && !plain.contains('@');
    let host = host_at_start(&plain).filter(|_| alone)?;
    let rest = plain.get(host.len()..)?;
    let only_host = rest.is_empty() || rest.starts_with(['/', ':', '?', '#']);
    (only_host && ends_in_top_level(&host)).then_some(host)
}

/// The domain of a mail address that a link's words consist of.
pub(crate) fn mail_domain(words: &str) -> Option<String> {
    let plain = normal(first_octets(words.trim(), MAX_TEXT));
    let (_, domain) = plain.rsplit_once('@')?;
    let host = host_at_start(domain)?;
    (host.len() == domain.len() && host.contains('.')).then_some(host)
}

fn host_at_start(text: &str) -> Option<String> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
        .unwrap_or(text.len());
    let host = text.get(..end)?.trim_end_matches('.');
    (host.contains('.') && !host.starts_with('.')).then(|| host.to_owned())
}

/// Whether the last label could be a top-level domain and not the end of a file's name or a date.
fn ends_in_top_level(host: &str) -> bool {
    const FILE_ENDINGS: [&str; 14] = [
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "txt", "csv", "jpg", "png",
        "gif", "html",
    ];
    let last = host.rsplit('.').next().unwrap_or_default();
    let plausible = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let labels_fit = host.split('.').all(|label| !label.is_empty() && label.is_ascii());
    plausible && labels_fit && !FILE_ENDINGS.contains(&last)
}

/// Lower case, with full-width letters and the ideographic full stop as what they imitate.
fn normal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(c).wrapping_sub(0xfee0)).unwrap_or(c)
            }
            '\u{3002}' | '\u{ff61}' => '.',
            c => c,
        })
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

pub(crate) fn first_octets(text: &str, at_most: usize) -> &str {
    text.get(..text.floor_char_boundary(at_most)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_owner_are_one_and_neighbours_are_not() {
        for (one, other, same) in [
            ("www.example.com", "example.com", true),
            ("EXAMPLE.com", "example.com", true),
            ("a.example.co.jp", "b.example.co.jp", true),
            ("bank.co.jp", "evil.co.jp", false),
            ("www.town.yamakita.kanagawa.jp", "town.yamakita.kanagawa.jp", true),
            ("town.yamakita.kanagawa.jp", "town.oi.kanagawa.jp", false),
            ("example.com", "example.com.evil.net", false),
            ("192.0.2.1", "192.0.3.1", false),
            ("localhost", "localhost", true),
        ] {
            assert_eq!(same_registrable(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn words_that_look_like_an_address_name_its_host() {
        for (words, host) in [
            ("https://www.bank.co.jp/login", Some("www.bank.co.jp")),
            ("詳細は http://bank.example へ", Some("bank.example")),
            ("www.bank.co.jp", Some("www.bank.co.jp")),
            ("（www.bank.co.jp）", Some("www.bank.co.jp")),
            ("bank.co.jp/x?y", Some("bank.co.jp")),
            ("ｗｗｗ．ｂａｎｋ．ｃｏ．ｊｐ", Some("www.bank.co.jp")),
            ("bank。co。jp", Some("bank.co.jp")),
            ("こちら", None),
            ("Click here.", None),
            ("v1.2", None),
            ("2026.11.22", None),
            ("meibo.xlsx", None),
            ("user@bank.co.jp", None),
            ("", None),
        ] {
            assert_eq!(named_in(words).as_deref(), host, "{words}");
        }
    }

    #[test]
    fn words_that_are_a_mail_address_name_its_domain() {
        assert_eq!(mail_domain("info@Bank.co.jp").as_deref(), Some("bank.co.jp"));
        assert_eq!(mail_domain("お問い合わせ"), None);
    }
}
