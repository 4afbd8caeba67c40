//! A contact (vCard 2.1, 3.0 and 4.0: RFC 2426, RFC 6350) as a few readable lines. Only what is named
//! here is read; pictures, sounds, keys and everything else of a card stay behind.

use sekimori_mime::Part;
use sekimori_policy::Language;

use crate::content_line::{components, parameter, property, unescaped, unfolded};

/// Cards of one file that are laid out; the rest is counted.
const MAX_CARDS: usize = 20;
/// Values of one kind (telephone numbers, say) of one card.
const MAX_VALUES: usize = 10;
/// Characters of one value.
const MAX_CHARACTERS: usize = 500;

/// Whether a part is a contact by its type or its name.
pub(crate) fn is_contact(part: &Part<'_>) -> bool {
    let content_type = &part.content_type;
    let is_typed = match (content_type.kind.as_str(), content_type.subtype.as_str()) {
        ("text", "vcard" | "x-vcard") => true,
        ("text", "directory") => content_type
            .parameter("profile")
            .is_some_and(|profile| profile.trim().eq_ignore_ascii_case("vcard")),
        _ => false,
    };
    is_typed
        || part.file_name.as_ref().is_some_and(|name| {
            name.trim().rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("vcf"))
        })
}

/// What of a card is shown, in the order it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Organisation,
    Title,
    Telephone,
    Mail,
    Address,
    Url,
    Note,
}

impl Kind {
    const ALL: [(Self, &str, &str); 8] = [
        (Self::Name, "氏名　：", "Name: "),
        (Self::Organisation, "所属　：", "Organisation: "),
        (Self::Title, "役職　：", "Title: "),
        (Self::Telephone, "電話　：", "Telephone: "),
        (Self::Mail, "メール：", "Mail: "),
        (Self::Address, "住所　：", "Address: "),
        (Self::Url, "リンク：", "Link: "),
        (Self::Note, "備考　：", "Note: "),
    ];
}

#[derive(Default)]
struct Card {
    values: Vec<(Kind, String)>,
    /// The name by its components, for a card without one in full.
    structured_name: String,
}

/// Lays out the cards of `source`; `None` when nothing of them is shown.
pub(crate) fn lay_out(source: &str, language: Language) -> Option<String> {
    let mut cards: Vec<Card> = Vec::new();
    let mut more = 0_u64;
    // A card in a card (AGENT) is passed over.
    let mut depth = 0_usize;
    for line in joined(unfolded(source)) {
        let Some((name, parameters, value)) = property(&line) else { continue };
        // A group may stand before the name: `item1.TEL`.
        let name = name.rsplit_once('.').map_or(name.as_str(), |(_, name)| name);
        let is_card = value.trim().eq_ignore_ascii_case("VCARD");
        match name {
            "BEGIN" if is_card => {
                depth += 1;
                if depth == 1 && cards.len() < MAX_CARDS {
                    cards.push(Card::default());
                } else if depth == 1 {
                    more += 1;
                }
            }
            "END" if is_card => depth = depth.saturating_sub(1),
            _ if depth == 1 && more == 0 => {
                if let Some(card) = cards.last_mut() {
                    card.set(name, parameters, value, language);
                }
            }
            _ => {}
        }
    }
    let mut text: Vec<String> = cards.iter().filter_map(|card| card.lines(language)).collect();
    if text.is_empty() {
        return None;
    }
    if more > 0 {
        text.push(match language {
            Language::Japanese => format!("（ほか{more}件）\n"),
            Language::English => format!("(and {more} more)\n"),
        });
    }
    Some(text.join("\n"))
}

/// Lines in quoted-printable that end with a soft line break, put together (vCard 2.1).
fn joined(lines: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut is_open = false;
    for line in lines {
        if let Some(open) = out.last_mut().filter(|_| is_open) {
            open.pop();
            open.push_str(&line);
            is_open = line.ends_with('=');
        } else {
            is_open = line.ends_with('=') && is_quoted_printable(&line);
            out.push(line);
        }
    }
    out
}

fn is_quoted_printable(line: &str) -> bool {
    property(line).is_some_and(|(_, parameters, _)| {
        parameters.split(';').any(|parameter| {
            let value = parameter.rsplit('=').next().unwrap_or_default();
            value.trim().eq_ignore_ascii_case("QUOTED-PRINTABLE")
        })
    })
}

/// A value in quoted-printable as text, by its own charset.
fn unquoted(parameters: &str, value: &str) -> String {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        let digits = match after {
            [high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match digits.filter(|_| octet == b'=') {
            Some((high, low)) => {
                octets.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            // What is left of a soft line break that was folded as well.
            None if octet == b'=' => {}
            None => octets.push(octet),
        }
    }
    sekimori_charset::decode(&octets, parameter(parameters, "CHARSET")).text
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl Card {
    fn set(&mut self, name: &str, parameters: &str, value: &str, language: Language) {
        let kind = match name {
            "FN" | "N" => Kind::Name,
            "ORG" => Kind::Organisation,
            "TITLE" | "ROLE" => Kind::Title,
            "TEL" => Kind::Telephone,
            "EMAIL" => Kind::Mail,
            "ADR" => Kind::Address,
            "URL" => Kind::Url,
            "NOTE" => Kind::Note,
            _ => return,
        };
        let parameters_upper = parameters.to_ascii_uppercase();
        let decoded = if parameters_upper.contains("QUOTED-PRINTABLE") {
            unquoted(parameters, value)
        } else {
            value.to_owned()
        };
        let text = match name {
            "N" => {
                self.structured_name = within(&present(&components(&decoded), &[0, 1]).join(" "));
                return;
            }
            "ORG" => present(&components(&decoded), &[0, 1, 2, 3]).join(" "),
            "ADR" => address(&components(&decoded), language),
            "TEL" => {
                let number = unescaped(&decoded);
                let number = number.strip_prefix("tel:").unwrap_or(&number).to_owned();
                format!("{number}{}", kind_of_telephone(&parameters_upper, language))
            }
            "EMAIL" => {
                let address = unescaped(&decoded);
                address.strip_prefix("mailto:").unwrap_or(&address).to_owned()
            }
            _ => unescaped(&decoded),
        };
        let is_new = !self.values.iter().any(|(known, value)| *known == kind && *value == text);
        let count = self.values.iter().filter(|(known, _)| *known == kind).count();
        if !text.trim().is_empty() && is_new && count < MAX_VALUES {
            self.values.push((kind, within(&text)));
        }
    }

    fn lines(&self, language: Language) -> Option<String> {
        let is_japanese = language == Language::Japanese;
        let mut lines = String::new();
        for (kind, japanese, english) in Kind::ALL {
            let of_kind = self.values.iter().filter(|(known, _)| *known == kind);
            let mut values: Vec<&str> = of_kind.map(|(_, value)| value.as_str()).collect();
            if kind == Kind::Name && values.is_empty() && !self.structured_name.is_empty() {
                values.push(&self.structured_name);
            }
            for value in values {
                lines.push_str(if is_japanese { japanese } else { english });
                lines.push_str(value);
                lines.push('\n');
            }
        }
        let title = if is_japanese { "〔連絡先〕" } else { "[Contact]" };
        (!lines.is_empty()).then(|| format!("{title}\n{lines}"))
    }
}

/// The components at those places that are not empty.
fn present<'a>(components: &'a [String], places: &[usize]) -> Vec<&'a str> {
    let at = places.iter().filter_map(|&place| components.get(place));
    at.map(|component| component.trim()).filter(|component| !component.is_empty()).collect()
}

/// An address in the order in which it is written in each language (RFC 6350 section 6.3.1).
fn address(components: &[String], language: Language) -> String {
    const BOX: usize = 0;
    const EXTENDED: usize = 1;
    const STREET: usize = 2;
    const LOCALITY: usize = 3;
    const REGION: usize = 4;
    const CODE: usize = 5;
    const COUNTRY: usize = 6;
    match language {
        Language::Japanese => {
            let code = present(components, &[CODE]).concat();
            let mark = if code.is_empty() || code.starts_with('〒') { "" } else { "〒" };
            let rest = present(components, &[COUNTRY, REGION, LOCALITY, STREET, EXTENDED, BOX]);
            format!("{mark}{code} {}", rest.join(" ")).trim().to_owned()
        }
        Language::English => {
            let all = [EXTENDED, BOX, STREET, LOCALITY, REGION, CODE, COUNTRY];
            present(components, &all).join(", ")
        }
    }
}

fn kind_of_telephone(parameters: &str, language: Language) -> &'static str {
    match (parameters.contains("FAX"), parameters.contains("CELL"), language) {
        (true, _, Language::Japanese) => "（FAX）",
        (true, _, Language::English) => " (fax)",
        (_, true, Language::Japanese) => "（携帯）",
        (_, true, Language::English) => " (mobile)",
        _ => "",
    }
}

/// A value on one line, within its bound.
fn within(value: &str) -> String {
    let line = value.replace(['\r', '\n'], " ");
    let mut cut: String = line.chars().take(MAX_CHARACTERS).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_each_version_is_read_the_same() {
        let old = "BEGIN:VCARD\r\nVERSION:2.1\r\n\
            N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8D=A1=88=E4;=90=5E=8E=\r\n=69\r\n\
            ORG;CHARSET=UTF-8;QUOTED-PRINTABLE:=E8=B6=B3=E6=9F=84=\r\n =E9=9B=BB=E5=B7=A5\r\n\
            TEL;WORK;VOICE:0465-00-9911\r\nTEL;WORK;FAX:0465-00-9912\r\n\
            PHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQSkZJRgABAQ\r\n AAAQABAAD\r\n\r\n\
            EMAIL;INTERNET:imai@example.co.jp\r\nEND:VCARD\r\n";
        let new = "BEGIN:VCARD\nVERSION:4.0\nFN:今井 真司\nN:今井;真司;;;\nORG:足柄電工\n\
            item1.TEL;VALUE=uri;TYPE=\"voice,work\":tel:0465-00-9911\nTEL;TYPE=fax:0465-00-9912\n\
            PHOTO:data:image/jpeg;base64,/9j/4AAQ\nEMAIL:imai@example.co.jp\nKEY:x\nEND:VCARD\n";
        for source in [old, new] {
            let text = lay_out(source, Language::Japanese).unwrap();
            assert_eq!(
                text,
                "〔連絡先〕\n氏名　：今井 真司\n所属　：足柄電工\n電話　：0465-00-9911\n\
                 電話　：0465-00-9912（FAX）\nメール：imai@example.co.jp\n"
            );
        }
    }

    #[test]
    fn an_address_is_written_in_the_order_of_its_language() {
        let card = "BEGIN:VCARD\nFN:x\nADR;TYPE=WORK:;2F;1-2;山北町;神奈川県;258-0113;日本\n\
            NOTE:一行目\\n二行目\nURL:https://example.jp/\nEND:VCARD\n";
        let text = lay_out(card, Language::Japanese).unwrap();
        assert!(text.contains("住所　：〒258-0113 日本 神奈川県 山北町 1-2 2F\n"), "{text}");
        assert!(text.contains("リンク：https://example.jp/\n備考　：一行目 二行目\n"), "{text}");
        let text = lay_out(card, Language::English).unwrap();
        assert!(text.contains("Address: 2F, 1-2, 山北町, 神奈川県, 258-0113, 日本\n"), "{text}");
    }

    #[test]
    fn what_is_over_a_bound_is_counted_or_cut() {
        let card = "BEGIN:VCARD\nFN:あ\nEND:VCARD\n";
        let text = lay_out(&card.repeat(MAX_CARDS + 3), Language::Japanese).unwrap();
        assert_eq!(text.matches("氏名").count(), MAX_CARDS);
        assert!(text.ends_with("（ほか3件）\n"));
        let numbers: String = (0..=MAX_VALUES).map(|n| format!("TEL:{n}\n")).collect();
        let long = format!("BEGIN:VCARD\n{numbers}NOTE:{}\nEND:VCARD\n", "長".repeat(5_000));
        let text = lay_out(&long, Language::Japanese).unwrap();
        assert_eq!(text.matches("電話").count(), MAX_VALUES);
        assert!(text.ends_with("長…\n"));
    }

    #[test]
    fn what_is_no_card_gives_nothing() {
        for source in ["", "FN:x", "BEGIN:VCARD\nPHOTO:x\nEND:VCARD", "BEGIN:VCALENDAR\nFN:x"] {
            assert_eq!(lay_out(source, Language::Japanese), None, "{source}");
        }
        let nested = "BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:x\nEND:VCARD\nEND:VCARD\n";
        assert_eq!(lay_out(nested, Language::Japanese), None);
    }

    #[test]
    fn soft_line_breaks_without_end_cost_linear_time() {
        let source = format!(
            "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:{}\nEND:VCARD\n",
            "=E3=81=82=\n".repeat(200_000)
        );
        let started = std::time::Instant::now();
        let text = lay_out(&source, Language::Japanese).unwrap();
        assert!(text.ends_with("…\n") && started.elapsed().as_secs() < 5);
    }
}
