//! Octets that nobody wrote, and messages changed on the way.

use proptest::prelude::*;

use super::violations::BOUND;
use crate::{SafeLine, SafeText, TextMessage, verify, write};

fn written(text: &str) -> Vec<u8> {
    write(&TextMessage {
        body: SafeText::clean(text).0,
        subject: Some(SafeLine::clean(text).0),
        ..super::sample::message()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn no_octets_break_the_verifier(octets: Vec<u8>) {
        prop_assert!(verify::verify(&octets, BOUND).is_err());
    }

    #[test]
    fn changed_messages_are_refused_or_still_safe(
        text in "([ぁ-ん a-z=é\n]){0,40}",
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let mut message = written(&text);
        for (at, octet, kind) in changes {
            let at = at.index(message.len());
            match kind {
                0 => message[at] = octet,
                1 => message.insert(at, octet),
                _ => drop(message.remove(at)),
            }
        }
        if let Ok(verified) = verify::verify(&message, BOUND) {
            let safe = SafeText::clean(&verified.text).0;
            prop_assert_eq!(safe.as_str(), verified.text);
            let subject = verified.subject.unwrap_or_default();
            prop_assert_eq!(SafeText::clean(&subject).0.into_string(), subject);
        }
    }
}
