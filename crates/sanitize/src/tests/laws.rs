//! What holds for every input: [`Town::run`] checks that the result obeys the profile, that the
//! same input gives the same output, and that a second pass changes nothing.

use proptest::prelude::*;
use sekimori_policy::Outcome;

use super::Town;

/// What stands in every generated attachment, in each encoding it may have.
const MARKER: &str = "SEKIMORI-MARKER-0123456789-abcdefghij";
const MARKER_BASE64: &str = "U0VLSU1PUkktTUFSS0VSLTAxMjM0NTY3ODktYWJjZGVmZ2hpag==";
const MARKER_HEX: &str = "53454b494d4f52492d4d41524b4552";

fn text_part() -> impl Strategy<Value = String> {
    let types = prop_oneof![
        Just("text/plain; charset=utf-8"),
        Just("text/plain; charset=iso-2022-jp"),
        Just("text/plain; format=flowed"),
        Just("text/html; charset=utf-8"),
        Just("text/calendar"),
        Just("message/delivery-status"),
    ];
    let bodies = prop_oneof![
        "[ぁ-んa-z <>&=.\n]{0,80}",
        "(<p>|<b>|</p>|<a href=\"https://a.example/\">|</a>|文|x|\n){0,30}",
        "(BEGIN:VCALENDAR|BEGIN:VEVENT|SUMMARY:件名|END:VEVENT|END:VCALENDAR|\n){0,12}",
        any::<String>(),
    ];
    (types, bodies).prop_map(|(kind, body)| format!("Content-Type: {kind}\n\n{body}\n"))
}

fn file_part() -> impl Strategy<Value = String> {
    let types = proptest::sample::select(vec![
        "application/octet-stream",
        "image/png",
        "text/plain",
        "text/html",
        "application/pdf",
        "message/partial",
    ]);
    (types, "[ぁ-んa-z./\\\\\u{202E}]{1,12}", any::<bool>()).prop_map(|(kind, name, is_encoded)| {
        let (encoding, body) = if is_encoded { ("base64", MARKER_BASE64) } else { ("7bit", MARKER) };
        format!("Content-Type: {kind}; name=\"{name}.bin\"\nContent-Transfer-Encoding: {encoding}\n\n{body}\n")
    })
}

fn part() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![text_part(), file_part()];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let subtypes = proptest::sample::select(vec![
            "mixed",
            "alternative",
            "related",
            "signed",
            "encrypted",
            "report",
            "digest",
            "x-unknown",
        ]);
        let container =
            (subtypes, "[a-z]{8}", proptest::collection::vec(inner.clone(), 1..4), any::<bool>())
                .prop_map(|(subtype, boundary, parts, is_closed)| {
                    let parts: String =
                        parts.iter().map(|part| format!("--{boundary}\n{part}")).collect();
                    let end = if is_closed { format!("--{boundary}--\n") } else { String::new() };
                    format!(
                        "Content-Type: multipart/{subtype}; boundary={boundary}\n\n{parts}{end}"
                    )
                });
        let message = inner.prop_map(|part| {
            format!("Content-Type: message/rfc822\n\nFrom: i@example.jp\nSubject: 内\n{part}")
        });
        prop_oneof![3 => container, 1 => message]
    })
}

fn header_line() -> impl Strategy<Value = String> {
    prop_oneof![
        "(From|To|Cc|Sender|Reply-To): [ -~ぁ-ん]{0,60}",
        "(Subject|Date|Message-ID|References|List-Id|Auto-Submitted|X-Other): [ -~ぁ-ん]{0,60}",
        "(From|Subject): =\\?(UTF-8|ISO-2022-JP|x)\\?[BQ]\\?[A-Za-z0-9+/=_]{0,30}\\?=",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn trees_of_any_shape_become_text_without_their_files(
        header in proptest::collection::vec(header_line(), 0..6),
        part in part(),
    ) {
        let message = format!("{}\n{part}", header.join("\n")).replace('\n', "\r\n");
        let result = Town::new().run(message.trim_start().as_bytes());
        prop_assert_ne!(result.outcome, Outcome::Reject);
        for hidden in [MARKER, MARKER_BASE64, &MARKER_BASE64[..40], MARKER_HEX] {
            prop_assert!(!result.text.contains(hidden), "{}", result.text);
        }
    }

    #[test]
    fn rules_tag_once_and_overrule_no_hold(
        header in proptest::collection::vec(header_line(), 0..6),
        part in part(),
        subject in "((Re|FW|転送|返信)[:： ]?|\\[外\\]|\\[外部\\]| |[ぁ-んa-z]){0,12}",
    ) {
        let message = format!("Subject: {subject}\n{}\n{part}", header.join("\n")).replace('\n', "\r\n");
        let plain = Town::new().run(message.as_bytes());
        let mut town = Town::new();
        town.organisation.rules = ["[外]", "[外部]"].map(super::rules::tagging).to_vec();
        town.organisation.rules.push(super::rules::delivering());
        let tagged = town.run(message.as_bytes());
        prop_assert_eq!(tagged.outcome, plain.outcome);
        prop_assert_eq!(tagged.text, plain.text);
        prop_assert!(tagged.summary.subject.contains("[外]") && tagged.summary.subject.contains("[外部]"));
    }

    #[test]
    fn any_octets_become_a_message_of_the_profile(octets: Vec<u8>) {
        Town::new().run(&octets);
    }

    #[test]
    fn any_body_becomes_text_of_the_profile(
        charset in proptest::sample::select(vec!["utf-8", "iso-2022-jp", "shift_jis", "utf-7", "utf-16", "x-unknown"]),
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut raw = format!("From: a@example.jp\r\nContent-Type: text/plain; charset={charset}\r\n\r\n").into_bytes();
        raw.extend_from_slice(&body);
        Town::new().run(&raw);
    }
}
