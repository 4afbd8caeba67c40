//! A stand-in for the mail servers on both sides, for the demonstration and for trying things out:
//! one that takes every mail and shows it, and one that hands a mail in.
//!
//! The server speaks by [`sekimori_smtp::Session`] like the relay itself, but keeps nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use sekimori_policy::{Domain, Envelope};
use sekimori_smtp::client::{
    Action, MessageInfo, PeerExtensions, PeerReply, Transaction, dot_stuff,
};
use sekimori_smtp::{Event, Peer, RecipientDomains, Reply, ReplyCode, Session, SessionSettings};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A message that the stand-in server took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its envelope.
    pub envelope: Envelope,
    /// Its octets.
    pub data: Vec<u8>,
}

/// A stand-in for the LGWAN mail server.
#[derive(Debug)]
pub struct StandIn {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it takes, in the order of arrival. At most 1,000 wait; further mail is answered 452.
    pub taken: mpsc::Receiver<Taken>,
}

/// Messages that may wait to be looked at.
const WAITING: usize = 1_000;

impl StandIn {
    /// Listens on `address` for mail to `domains`, for as long as the runtime lives.
    pub async fn start(address: SocketAddr, domains: Vec<Domain>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let settings =
            SessionSettings::new("stand-in.example", Arc::new(RecipientDomains::new(domains)));
        let settings = Arc::new(settings);
        let (show, taken) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let peer = Peer { address: peer.ip(), xforward_allowed: false };
                let session = Session::new(Arc::clone(&settings), peer);
                let show = show.clone();
                tokio::spawn(async move {
                    // A client that breaks off is its own affair.
                    let _ = converse(stream, session, show).await;
                });
            }
        });
        Ok(Self { address, taken })
    }
}

async fn converse(
    mut stream: TcpStream,
    mut session: Session,
    show: mpsc::Sender<Taken>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    loop {
        let step = session.process(&input);
        input.drain(..step.consumed.min(input.len()));
        match step.event {
            Some(Event::Message(message, turn)) => {
                let taken = Taken { envelope: message.envelope, data: message.data };
                let reply = match show.try_send(taken) {
                    Ok(()) => Reply::queued("the stand-in"),
                    Err(_) => Reply::storage_short(),
                };
                session.answer(turn, &reply);
            }
            Some(Event::DataRequested(request)) => session.accept_data(request),
            Some(Event::Status(_, turn)) => {
                session.answer_status(turn, &sekimori_smtp::status::unknown());
            }
            Some(Event::Refused(_)) => {}
            Some(Event::StartTls(_) | Event::Close) => {
                stream.write_all(&session.take_output()).await?;
                return stream.shutdown().await;
            }
            None => {
                stream.write_all(&session.take_output()).await?;
                if input.is_empty() && stream.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            }
        }
    }
}

/// Hands one mail in at `address`, as a mail server in front of the relay would. The last reply:
/// the one to the end of data, or the refusal before it.
pub async fn hand_in(
    address: SocketAddr,
    envelope: Envelope,
    data: &[u8],
) -> io::Result<PeerReply> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    read_reply(&mut stream).await?;
    stream.get_mut().write_all(b"EHLO mail.example.jp\r\n").await?;
    let greeting = read_reply(&mut stream).await?;
    let extensions = PeerExtensions::parse(greeting.lines.iter().map(String::as_str));
    let info = MessageInfo {
        octets: u64::try_from(data.len()).unwrap_or(u64::MAX),
        eight_bit: !data.is_ascii(),
    };
    let mut transaction = Transaction::new(envelope, info, extensions);
    let mut last = greeting;
    loop {
        match transaction.next_action() {
            Action::Write(octets) => stream.get_mut().write_all(&octets).await?,
            Action::WriteMessage => stream.get_mut().write_all(&dot_stuff(data)).await?,
            Action::Read(_) => {
                last = read_reply(&mut stream).await?;
                transaction.reply(last.clone());
            }
            Action::Done(_) => break,
        }
    }
    stream.get_mut().write_all(b"QUIT\r\n").await?;
    Ok(last)
}

/// Reads one reply of any number of lines (RFC 5321 section 4.2.1).
async fn read_reply(stream: &mut BufReader<TcpStream>) -> io::Result<PeerReply> {
    /// Octets of a reply; ours are far shorter.
    const LONGEST: u64 = 64 * 1024;
    let unfit = || io::Error::from(io::ErrorKind::InvalidData);
    let mut lines = Vec::new();
    let mut limited = stream.take(LONGEST);
    loop {
        let mut line = String::new();
        if limited.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let code = line.get(..3).and_then(|code| code.parse().ok()).and_then(ReplyCode::new);
        let code = code.ok_or_else(unfit)?;
        let last = line.as_bytes().get(3) != Some(&b'-');
        lines.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
        if last {
            return Ok(PeerReply { code, lines });
        }
    }
}

#[cfg(test)]
mod tests {
    use sekimori_policy::{Address, ReversePath};

    use super::*;

    #[tokio::test]
    async fn what_is_handed_in_is_taken_whole() {
        let domain = Domain::parse("town.example.lg.jp").unwrap();
        let mut server = StandIn::start(([127, 0, 0, 1], 0).into(), vec![domain]).await.unwrap();
        let envelope = Envelope {
            sender: ReversePath::NULL,
            recipients: vec![Address::parse("a@town.example.lg.jp").unwrap()],
        };
        let data = b"Subject: x\r\n\r\n.\r\n..\r\nend\r\n";
        let reply = hand_in(server.address, envelope.clone(), data).await.unwrap();
        assert_eq!(reply.code.get(), 250, "{reply:?}");
        let taken = server.taken.recv().await.unwrap();
        assert_eq!(taken.data, data);
        assert_eq!(taken.envelope, envelope);
    }
}
