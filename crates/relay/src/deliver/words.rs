//! What a hop answered, in words for the log, the queue listing and reports.

use sekimori_smtp::client::{Cause, PeerReply};

/// A reply on one line.
pub(super) fn words(reply: &PeerReply) -> String {
    format!("{} {}", reply.code.get(), reply.lines.join(" "))
}

/// Why a recipient was not delivered to, on one line.
pub(super) fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::Reply(reply) => words(reply),
        Cause::Violation(reply) => format!("unexpected reply: {}", words(reply)),
        Cause::Lost => "the connection was lost".to_owned(),
        Cause::LostAfterMessage => {
            "the connection was lost after the message; it may arrive twice".to_owned()
        }
        Cause::Smtputf8Needed => {
            "5.6.7 an address needs SMTPUTF8, which the hop does not offer".to_owned()
        }
        Cause::TooLarge => "5.3.4 the message is larger than the hop takes".to_owned(),
        Cause::EightBitNeeded => "5.6.3 the hop does not take 8-bit text".to_owned(),
    }
}

/// The status code of RFC 3463 in a reply, for a report.
pub(super) fn status_of(reply: &str, otherwise: &'static str) -> String {
    reply
        .split_whitespace()
        .take(3)
        .find(|word| {
            let mut numbers = word.split('.');
            let class = numbers.next().is_some_and(|n| matches!(n, "2" | "4" | "5"));
            let rest: Vec<_> = numbers.collect();
            class
                && rest.len() == 2
                && rest
                    .iter()
                    .all(|n| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
        })
        .map_or_else(|| otherwise.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_code_of_a_reply_is_found() {
        assert_eq!(status_of("550 5.1.1 no such user", "5.0.0"), "5.1.1");
        assert_eq!(status_of("550 no such user", "5.0.0"), "5.0.0");
        assert_eq!(status_of("5.6.7 an address needs SMTPUTF8", "5.0.0"), "5.6.7");
        assert_eq!(status_of("550 192.0.2.1 says no 5.1.1", "5.0.0"), "5.0.0");
    }
}
