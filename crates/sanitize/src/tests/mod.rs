//! Whole messages in, whole messages out. Every message that comes out of [`Town::run`] was
//! verified and sanitized a second time.

mod account;
mod bounds;
mod disguises;
mod fields;
mod laws;
mod notices;
mod parts;
mod rules;
mod wrapped;

use sekimori_policy::{
    Address, Decisions, Domain, Envelope, Exception, Limits, Organisation, Outcome, QueueId,
    ReferenceNumber, ReversePath, Timestamp,
};
use sekimori_profile::verify::verify;

use crate::{Context, Sanitized, sanitize};

/// What a context needs to stand on.
struct Town {
    envelope: Envelope,
    organisation: Organisation,
    limits: Limits,
    exceptions: Vec<Exception>,
    may_refuse: bool,
}

impl Town {
    fn new() -> Self {
        let domain = Domain::parse("town.example.lg.jp").unwrap();
        Self {
            envelope: Envelope {
                sender: ReversePath(Some(Address::parse("bounce@example.com").unwrap())),
                recipients: vec![Address::parse("soumu@town.example.lg.jp").unwrap()],
            },
            organisation: Organisation::new("山北町", vec![domain]),
            limits: Limits::default(),
            exceptions: Vec::new(),
            may_refuse: true,
        }
    }

    fn context(&self) -> Context<'_> {
        let received_at = Timestamp::japanese_time(1_789_977_600_000);
        Context {
            queue_id: QueueId(0x1A3),
            reference: "7F3K-9Q2M".parse::<ReferenceNumber>().unwrap(),
            received_at,
            keep_until: received_at.plus_days(30),
            envelope: &self.envelope,
            host: "relay.example.lg.jp",
            protocol: "ESMTPS",
            organisation: &self.organisation,
            exceptions: &self.exceptions,
            may_refuse: self.may_refuse,
            limits: &self.limits,
            stop: &|| false,
        }
    }

    /// Sanitizes, and holds the result to the laws that every result obeys.
    fn run(&self, raw: &[u8]) -> Sanitized {
        let context = self.context();
        let result = sanitize(raw, &context);
        let verified = verify(&result.message, self.limits.text_octets);
        let shown = result.message.escape_ascii();
        let verified = verified.unwrap_or_else(|violation| panic!("{violation}\n{shown}"));
        let end = if result.text.is_empty() || result.text.ends_with('\n') { "" } else { "\n" };
        assert_eq!(verified.text, format!("{}{end}", result.text));
        assert_eq!(result, sanitize(raw, &context), "same input, same output");
        if result.outcome != Outcome::Reject {
            let again = sanitize(&result.message, &context);
            assert_eq!(again.text, verified.text, "a second pass changes nothing");
            assert_eq!(again.summary, result.summary);
            assert_eq!(fields(&again.message), fields(&result.message));
        }
        result
    }

    /// Sanitizes a message of a header and a body.
    fn run_with(&self, header: &str, body: &str) -> Sanitized {
        let header = header.replace('\n', "\r\n");
        let body = body.replace('\n', "\r\n");
        let message = format!(
            "From: a@example.jp\r\nDate: Mon, 21 Sep 2026 16:00:00 +0900\r\n{header}\r\n\r\n{body}"
        );
        self.run(message.as_bytes())
    }
}

/// The header without the fields that each pass adds to or renews.
fn fields(message: &[u8]) -> Vec<String> {
    let text = str::from_utf8(message).unwrap();
    let (header, _) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = header.replace("\r\n ", " ");
    let kept = unfolded
        .split("\r\n")
        .filter(|line| !line.starts_with("Received:") && !line.starts_with("Sekimori-Result:"));
    kept.map(str::to_owned).collect()
}

/// The decision codes, in order.
fn codes(decisions: &Decisions) -> Vec<&'static str> {
    decisions.iter().map(|decision| decision.code.as_str()).collect()
}

/// The names of what was removed, in order.
fn removed(result: &Sanitized) -> Vec<&str> {
    result.removed.iter().map(|part| part.name.as_str()).collect()
}
