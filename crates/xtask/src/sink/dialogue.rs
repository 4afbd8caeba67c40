//! The sink's side of an SMTP session, without I/O.

use std::time::Instant;

use memchr::{memchr, memmem};

use super::Accepted;
use crate::mail::Marker;

/// What a sink says first.
pub(super) const GREETING: &[u8] = b"220 sink.example ESMTP\r\n";

const CAPABILITIES: &[u8] = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n\
    250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n";

/// Longest command line taken, in octets. A longer one closes the connection.
const MAX_COMMAND: usize = 4096;

/// What a session wants next.
#[derive(Debug)]
pub(super) enum Step {
    /// Everything that came is dealt with: send the output, read more.
    NeedInput,
    /// A message is complete: its dot wants an answer after the output so far.
    Message(Message),
    /// The session is over once the output is sent.
    Quit,
}

/// A message as it was handed over.
#[derive(Debug)]
pub(super) struct Message {
    sender: String,
    recipients: Vec<String>,
    id: Option<String>,
    size: usize,
    body: Option<Vec<u8>>,
}

impl Message {
    /// The message as accepted now.
    pub(super) fn accepted(self) -> Accepted {
        Accepted {
            id: self.id,
            sender: self.sender,
            recipients: self.recipients,
            at: Instant::now(),
            size: self.size,
            body: self.body,
        }
    }
}

/// A session.
#[derive(Debug)]
pub(super) struct Dialogue {
    keep_bodies: bool,
    unknown_recipients: Vec<String>,
    sender: Option<String>,
    recipients: Vec<String>,
    /// In a message: how far the input was searched for its end.
    searched: Option<usize>,
}

impl Dialogue {
    /// A session that has just been greeted.
    pub(super) fn new(keep_bodies: bool, unknown_recipients: Vec<String>) -> Self {
        Self {
            keep_bodies,
            unknown_recipients,
            sender: None,
            recipients: Vec::new(),
            searched: None,
        }
    }

    /// Takes what it can from the front of `input` and adds replies to `output`.
    pub(super) fn advance(&mut self, input: &mut Vec<u8>, output: &mut Vec<u8>) -> Step {
        loop {
            if let Some(searched) = self.searched {
                return match self.end_of_message(input, searched) {
                    Some(message) => Step::Message(message),
                    None => Step::NeedInput,
                };
            }
            let Some(end) = memchr(b'\n', input) else {
                return if input.len() > MAX_COMMAND { Step::Quit } else { Step::NeedInput };
            };
            // The line end before a message stays: a message without a line then ends like others.
            let is_data = input.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"DATA"))
                && input.get(end - 1) == Some(&b'\r');
            if is_data && !self.recipients.is_empty() {
                input.drain(..end - 1);
                output.extend_from_slice(b"354 go on\r\n");
                self.searched = Some(0);
                continue;
            }
            let line: Vec<u8> = input.drain(..=end).collect();
            if self.command(line.trim_ascii_end(), output) {
                return Step::Quit;
            }
        }
    }

    /// Answers one command. `true`: it was QUIT.
    fn command(&mut self, line: &[u8], output: &mut Vec<u8>) -> bool {
        let verb = line.get(..4).unwrap_or(line).to_ascii_uppercase();
        let reply: &[u8] = match verb.as_slice() {
            b"EHLO" => CAPABILITIES,
            b"HELO" => b"250 sink.example\r\n",
            b"MAIL" => {
                self.recipients.clear();
                self.sender = Some(path(line));
                b"250 2.1.0 ok\r\n"
            }
            b"RCPT" if self.sender.is_none() => b"503 5.5.1 who from?\r\n",
            b"RCPT" => {
                let recipient = path(line);
                if self.unknown_recipients.contains(&recipient.to_lowercase()) {
                    b"550 5.1.1 nobody of that name\r\n"
                } else {
                    self.recipients.push(recipient);
                    b"250 2.1.5 ok\r\n"
                }
            }
            b"DATA" => b"554 5.5.1 no valid recipients\r\n",
            b"RSET" => {
                self.reset();
                b"250 2.0.0 ok\r\n"
            }
            b"NOOP" => b"250 2.0.0 ok\r\n",
            b"QUIT" => b"221 2.0.0 bye\r\n",
            _ => b"502 5.5.1 not here\r\n",
        };
        output.extend_from_slice(reply);
        verb == b"QUIT"
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
        self.searched = None;
    }

    fn end_of_message(&mut self, input: &mut Vec<u8>, searched: usize) -> Option<Message> {
        const END: &[u8] = b"\r\n.\r\n";
        let unsearched = input.get(searched..)?;
        let Some(found) = memmem::find(unsearched, END) else {
            self.searched = Some(input.len().saturating_sub(END.len() - 1).max(searched));
            return None;
        };
        let end = searched + found;
        // Without the line end that DATA left; with the one before the dot.
        let wire = input.get(2..end + 2).unwrap_or_default();
        let stuffed =
            memmem::find_iter(wire, b"\r\n..").count() + usize::from(wire.starts_with(b".."));
        let message = Message {
            sender: self.sender.take().unwrap_or_default(),
            recipients: std::mem::take(&mut self.recipients),
            id: identify(wire),
            size: wire.len() - stuffed,
            body: self.keep_bodies.then(|| unstuffed(wire)),
        };
        input.drain(..end + END.len());
        self.reset();
        Some(message)
    }
}

/// What stands between the angle brackets of a MAIL or RCPT command.
fn path(line: &[u8]) -> String {
    let between = memchr(b'<', line).and_then(|open| {
        let rest = line.get(open + 1..)?;
        rest.get(..memchr::memrchr(b'>', rest)?)
    });
    readable(between.unwrap_or_default())
}

/// Octets as text; what is no UTF-8 shows as escapes, since it is only looked at.
fn readable(octets: &[u8]) -> String {
    match str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.escape_ascii().to_string(),
    }
}

fn identify(message: &[u8]) -> Option<String> {
    message_id(message).or_else(|| Marker::find(message).map(|marker| marker.to_string()))
}

/// What the first `Message-ID` field of the header has between its angle brackets.
fn message_id(message: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"message-id:";
    let mut rest = message;
    while let Some(end) = memchr(b'\n', rest) {
        let line = rest.get(..end)?.trim_ascii_end();
        if line.is_empty() {
            return None;
        }
        if line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)) {
            // A folded field goes on after the line end, up to the bracket.
            let open = memchr(b'<', rest)?;
            let id = rest.get(open + 1..)?;
            return Some(readable(id.get(..memchr(b'>', id)?)?));
        }
        rest = rest.get(end + 1..)?;
    }
    None
}

fn unstuffed(wire: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(wire.len());
    for line in wire.split_inclusive(|&b| b == b'\n') {
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(dialogue: &mut Dialogue, octets: &[u8], output: &mut Vec<u8>) -> Vec<Message> {
        let mut input = Vec::new();
        let mut messages = Vec::new();
        for octet in octets {
            input.push(*octet);
            while let Step::Message(message) = dialogue.advance(&mut input, output) {
                messages.push(message);
            }
        }
        messages
    }

    #[test]
    fn a_message_in_single_octets_is_read_whole() {
        let mut dialogue = Dialogue::new(true, Vec::new());
        let mut output = Vec::new();
        let messages = feed(
            &mut dialogue,
            b"EHLO x\r\nMAIL FROM:<a@x> SIZE=9\r\nRCPT TO:<b@y>\r\nDATA\r\n\
              Subject: s\r\nMessage-Id:\r\n <1@x>\r\n\r\n..dot\r\n.\r\n",
            &mut output,
        );
        let [message] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        assert_eq!(message.sender, "a@x");
        assert_eq!(message.recipients, ["b@y"]);
        assert_eq!(message.id.as_deref(), Some("1@x"));
        let body = message.body.clone().unwrap();
        assert!(body.ends_with(b"\r\n\r\n.dot\r\n"));
        assert_eq!(message.size, body.len());
        assert!(output.ends_with(b"354 go on\r\n"));
    }

    #[test]
    fn commands_that_came_with_the_dot_are_answered_after_it() {
        let mut dialogue = Dialogue::new(false, Vec::new());
        let mut input = b"MAIL FROM:<>\r\nRCPT TO:<b@y>\r\nDATA\r\n.\r\nQUIT\r\n".to_vec();
        let mut output = Vec::new();
        let Step::Message(message) = dialogue.advance(&mut input, &mut output) else {
            panic!("no message");
        };
        assert_eq!((message.size, message.id), (0, None));
        output.clear();
        assert!(matches!(dialogue.advance(&mut input, &mut output), Step::Quit));
        assert_eq!(output, b"221 2.0.0 bye\r\n");
    }

    #[test]
    fn without_a_recipient_there_is_no_data() {
        let mut dialogue = Dialogue::new(false, vec!["b@y".to_owned()]);
        let mut output = Vec::new();
        feed(&mut dialogue, b"MAIL FROM:<a@x>\r\nRCPT TO:<B@y>\r\nDATA\r\n", &mut output);
        assert!(
            output.ends_with(b"550 5.1.1 nobody of that name\r\n554 5.5.1 no valid recipients\r\n")
        );
    }

    #[test]
    fn a_message_without_an_id_is_known_by_its_marker() {
        let marker = Marker { run: 1, number: 2 };
        let message = format!("Subject: s\r\n\r\nMessage-ID: <no@field>\r\n{marker}\r\n");
        assert_eq!(identify(message.as_bytes()), Some(marker.to_string()));
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut dialogue = Dialogue::new(false, Vec::new());
        let mut input = vec![b'x'; MAX_COMMAND + 1];
        assert!(matches!(dialogue.advance(&mut input, &mut Vec::new()), Step::Quit));
    }
}
