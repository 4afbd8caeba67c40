//! A whole SMTP session, driven as the relay does, without its sockets.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use sekimori_smtp::{
    Event, Peer, ReceivedMessage, RecipientDomains, Reply, Session, SessionSettings,
};

use crate::{Mail, Receipt};

/// What one read from a socket gives at most, as in the relay.
const READ_OCTETS: usize = 32 * 1024;

/// The settings of the session's town.
pub fn settings(receipt: &Receipt) -> Arc<SessionSettings> {
    let domains = Arc::new(RecipientDomains::new(receipt.organisation.domains.clone()));
    Arc::new(SessionSettings::new("relay.example.lg.jp", domains))
}

/// What a client that pipelines (RFC 2920) sends with one mail, read by read: it waits for the answers
/// to EHLO, DATA and the dot.
pub fn reads(mail: &Mail, receipt: &Receipt) -> Vec<Vec<u8>> {
    let commands = format!(
        "MAIL FROM:<{}> SIZE={} BODY=8BITMIME\r\nRCPT TO:<clerk@town.example.lg.jp>\r\nDATA\r\n",
        receipt.envelope.sender.as_str(),
        mail.octets.len(),
    );
    let mut reads = vec![b"EHLO mx1.pref.example.jp\r\n".to_vec(), commands.into_bytes()];
    reads.extend(mail.wire.chunks(READ_OCTETS).map(<[u8]>::to_vec));
    reads.push(b"QUIT\r\n".to_vec());
    reads
}

/// Drives a session. Gives the message that came in.
pub fn converse(settings: &Arc<SessionSettings>, reads: &[Vec<u8>]) -> Option<ReceivedMessage> {
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25)), xforward_allowed: false };
    let mut session = Session::new(Arc::clone(settings), peer);
    let mut received = None;
    for read in reads {
        let mut rest = read.as_slice();
        loop {
            let step = session.process(rest);
            rest = rest.get(step.consumed..).unwrap_or_default();
            match step.event {
                None => {
                    black_box(session.take_output());
                    if rest.is_empty() {
                        break;
                    }
                }
                Some(Event::DataRequested(request)) => session.accept_data(request),
                Some(Event::Message(message, turn)) => {
                    received = Some(*message);
                    session.answer(turn, &Reply::queued("00000001A3"));
                }
                Some(Event::Close) => {
                    black_box(session.take_output());
                    return received;
                }
                Some(Event::StartTls(_) | Event::Refused(_) | Event::Status(..)) => return None,
            }
        }
    }
    None
}
