//! A whole SMTP session, from the greeting to QUIT, with one mail in it. Throughput is of the mail on
//! the wire.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, Receipt, octets, run};
use sekimori_smtp::{
    Event, Peer, ReceivedMessage, RecipientDomains, Reply, Session, SessionSettings,
};

/// What one read from a socket gives at most, as in the relay.
const READ_OCTETS: usize = 32 * 1024;

fn main() {
    run(&[session]);
}

fn session(criterion: &mut Criterion) {
    let receipt = Receipt::new();
    let domains = Arc::new(RecipientDomains::new(receipt.organisation.domains.clone()));
    let settings = Arc::new(SessionSettings::new("relay.example.lg.jp", domains));
    let mut group = criterion.benchmark_group("session");
    for mail in Mail::all() {
        // A client that pipelines (RFC 2920): it waits for the answers to EHLO, DATA and the dot.
        let commands = format!(
            "MAIL FROM:<{}> SIZE={} BODY=8BITMIME\r\nRCPT TO:<clerk@town.example.lg.jp>\r\nDATA\r\n",
            receipt.envelope.sender.as_str(),
            mail.octets.len(),
        );
        let mut reads = vec![&b"EHLO mx1.pref.example.jp\r\n"[..], commands.as_bytes()];
        reads.extend(mail.wire.chunks(READ_OCTETS));
        reads.push(b"QUIT\r\n");

        let received = converse(&settings, &reads).map(|message| message.data);
        assert_eq!(received.as_ref(), Some(&mail.octets), "the mail arrives as it is");
        group.throughput(octets(&mail.wire));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &reads, |b, reads| {
            b.iter(|| converse(black_box(&settings), reads));
        });
    }
}

/// Drives a session as the relay does, without its sockets. Gives the message that came in.
fn converse(settings: &Arc<SessionSettings>, reads: &[&[u8]]) -> Option<ReceivedMessage> {
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25)), xforward_allowed: false };
    let mut session = Session::new(Arc::clone(settings), peer);
    let mut received = None;
    for read in reads {
        let mut rest = *read;
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
                Some(Event::StartTls(_) | Event::Refused(_)) => return None,
            }
        }
    }
    None
}
