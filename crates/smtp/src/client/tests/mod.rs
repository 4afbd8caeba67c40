//! Transactions against a server that answers by script.

mod commands;
mod replies;

use sekimori_policy::{Address, Envelope, ReversePath};

use super::*;
use crate::ReplyCode;

const PIPELINING: PeerExtensions = PeerExtensions {
    pipelining: true,
    size: true,
    max_size: Some(1_000),
    eight_bit_mime: true,
    smtputf8: true,
    starttls: false,
    status: false,
};
const BARE: PeerExtensions = PeerExtensions {
    pipelining: false,
    size: false,
    max_size: None,
    eight_bit_mime: false,
    smtputf8: false,
    starttls: false,
    status: false,
};
const SMALL: MessageInfo = MessageInfo { octets: 100, eight_bit: false };

fn envelope(sender: &str, recipients: &[&str]) -> Envelope {
    Envelope {
        sender: ReversePath((!sender.is_empty()).then(|| Address::parse(sender).unwrap())),
        recipients: recipients.iter().map(|r| Address::parse(r).unwrap()).collect(),
    }
}

fn two() -> Envelope {
    envelope("a@b.example", &["c@d.example", "e@d.example"])
}

/// What a transaction did: each write as text, `<message>` for the message, and one word for each
/// recipient.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    written: Vec<String>,
    results: Vec<String>,
    connection: Connection,
}

/// Runs a transaction against the replies, after the last of which the connection is lost.
fn run(mut transaction: Transaction, replies: &[u16]) -> Run {
    let mut replies = replies.iter();
    let mut written = Vec::new();
    let outcome = loop {
        match transaction.next_action() {
            Action::Write(octets) => written.push(String::from_utf8(octets).unwrap()),
            Action::WriteMessage => written.push("<message>".to_owned()),
            Action::Read(_) => match replies.next() {
                Some(&code) => transaction.reply(PeerReply {
                    code: ReplyCode::new(code).unwrap(),
                    lines: vec!["said".to_owned()],
                }),
                None => break transaction.connection_lost(),
            },
            Action::Done(outcome) => {
                assert_eq!(replies.next(), None, "a reply was not read");
                break outcome;
            }
        }
    };
    Run {
        written,
        results: outcome.recipients.iter().map(|(_, result)| word(result)).collect(),
        connection: outcome.connection,
    }
}

fn word(result: &RecipientResult) -> String {
    let cause = |cause: &Cause| match cause {
        Cause::Reply(reply) => reply.code.get().to_string(),
        Cause::Violation(reply) => format!("violation {}", reply.code.get()),
        other => other.status(),
    };
    match result {
        RecipientResult::Delivered(reply) => format!("delivered {}", reply.code.get()),
        RecipientResult::Deferred(why @ Cause::LostAfterMessage) => {
            format!("deferred {} perhaps there", cause(why))
        }
        RecipientResult::Deferred(why) => format!("deferred {}", cause(why)),
        RecipientResult::Failed(why) => format!("failed {}", cause(why)),
    }
}
