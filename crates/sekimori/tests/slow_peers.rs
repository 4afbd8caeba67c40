//! Peers that are idle, slow, too many or too greedy do not keep others from being served.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking and says what it saw")]

mod support;

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sekimori_xtask::load::{self, Amount};
use sekimori_xtask::mail::{Kind, Template};
use sekimori_xtask::process;
use sekimori_xtask::sink::{self, Sink};
use support::client::Client;
use support::gateway::Plan;
use support::{PATIENCE, wait_for};
use tokio::net::TcpSocket;
use tokio::time::timeout;

const MEBI: usize = 1024 * 1024;

/// What an answer may take at most where nobody should have to wait. On an idle machine it is
/// some milliseconds; tests run beside each other.
const PROMPT: Duration = Duration::from_secs(5);

const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";
const SENDER: &str = "a@example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";

/// Sends one octet a second until told to stop or cut off.
fn drip(mut client: Client, octets: &[u8], stop: &AtomicBool) -> Client {
    for octet in octets.iter().cycle() {
        if stop.load(Ordering::Relaxed) || client.send(&[*octet]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_idle_connections_and_two_slow_ones_keep_nobody_waiting() {
    let sink = Sink::start(sink::Settings::default()).await.unwrap();
    let gateway = Plan::new(sink.address()).start();
    let mut idle: Vec<Client> = (0..300)
        .map(|number| match number % 3 {
            0 => Client::connected(gateway.mail()),
            1 => Client::greeted(gateway.mail()),
            _ => {
                let mut client = Client::greeted(gateway.mail());
                assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
                client
            }
        })
        .collect();
    let stop = Arc::new(AtomicBool::new(false));
    let mut in_data = Client::greeted(gateway.mail());
    assert_eq!(in_data.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    assert_eq!(in_data.command(&format!("RCPT TO:<{RECIPIENT}>")).code, 250);
    assert_eq!(in_data.command("DATA").code, 354);
    let slow = [
        (Client::connected(gateway.mail()), b"EHLO client.example.jp".as_slice()),
        (in_data, b"Subject: slow\r\n".as_slice()),
    ]
    .map(|(client, octets)| {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || drip(client, octets, &stop))
    });
    let outcome = load::run(load::Settings {
        sessions: 4,
        amount: Amount::Messages(100),
        ..load::Settings::new(gateway.mail(), Arc::new(Template::of(Kind::Text)), 1)
    })
    .await;
    assert_eq!(outcome.accepted.len(), 100, "{:?}", outcome.troubles);
    assert!(sink.wait_for(100, PATIENCE).await);
    let sessions = gateway.metric("sekimori_sessions").unwrap();
    println!(
        "100 mails beside {sessions} sessions: p50 {:?}, p99 {:?}, longest {:?}",
        outcome.latency(500),
        outcome.latency(990),
        outcome.latency(1000)
    );
    assert!(sessions >= 302, "{sessions}");
    assert!(outcome.latency(1000) < PROMPT);
    for client in &mut idle[1..3] {
        assert_eq!(client.command("NOOP").code, 250, "the idle ones were not sent away");
    }
    stop.store(true, Ordering::Relaxed);
    for thread in slow {
        thread.join().unwrap();
    }
}

#[test]
fn one_octet_a_second_does_not_keep_a_connection_for_ever() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let gateway = Plan::new(nobody)
        .set("receive.command_timeout_seconds", "3")
        .set("receive.message_timeout_seconds", "3")
        .start();
    let in_command = Client::greeted(gateway.mail());
    let mut in_data = Client::greeted(gateway.mail());
    assert_eq!(in_data.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    assert_eq!(in_data.command(&format!("RCPT TO:<{RECIPIENT}>")).code, 250);
    assert_eq!(in_data.command("DATA").code, 354);
    let begun = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    let cut = [(in_command, b"NOOPNOOPNOOP".as_slice()), (in_data, b"Subject: slow\r\n")].map(
        |(client, octets)| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || drip(client, octets, &stop))
        },
    );
    wait_for("both are sent away", || {
        gateway.metric("sekimori_sessions").filter(|&sessions| sessions == 0)
    });
    let lasted = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    for client in cut {
        assert_eq!(client.join().unwrap().reply().code, 421);
    }
    println!("sent away after {lasted:?}");
    assert!(lasted >= Duration::from_secs(3));
}

async fn from(peer: [u8; 4], server: SocketAddr) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((peer, 0).into()).unwrap();
    let stream: TcpStream = socket.connect(server).await.unwrap().into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    Client::on(stream)
}

#[tokio::test]
async fn a_connection_too_many_is_answered_421_and_other_peers_are_served() {
    let sink = Sink::start(sink::Settings::default()).await.unwrap();
    let gateway = Plan::new(sink.address())
        .set("receive.max_connections", "12")
        .set("receive.max_connections_per_peer", "10")
        .start();
    let first = [127, 0, 0, 1];
    let mut open: Vec<Client> = (0..10).map(|_| Client::greeted(gateway.mail())).collect();
    let mut one_more = from(first, gateway.mail()).await;
    assert_eq!(one_more.reply().code, 421);
    assert!(one_more.is_closed());
    let mut others = Vec::new();
    for host in [2, 3] {
        let mut other = from([127, 0, 0, host], gateway.mail()).await;
        assert_eq!(other.reply().code, 220, "another peer has places of its own");
        others.push(other);
    }
    let mut one_in_all = from([127, 0, 0, 4], gateway.mail()).await;
    assert_eq!(one_in_all.reply().code, 421, "there are twelve in all");
    for client in open.iter_mut().chain(&mut others) {
        assert_eq!(client.command("NOOP").code, 250);
    }
    drop(others);
    drop(open.pop());
    wait_for("its place comes free", || {
        let mut again = Client::connected(gateway.mail());
        (again.reply().code == 220).then_some(())
    });
    assert!(!gateway.logged("too many connections; one is answered 421").is_empty());
}

#[tokio::test]
async fn peers_that_are_not_listed_take_no_place_of_those_that_are() {
    let sink = Sink::start(sink::Settings::default()).await.unwrap();
    let gateway = Plan::new(sink.address())
        .set("receive.trusted_peers", "[\"127.0.0.1\"]")
        .set("receive.max_connections", "1")
        .start();
    let mut strangers = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..15 {
        let mut stranger = from([127, 0, 0, 66], gateway.mail()).await;
        answers.push(stranger.reply().code);
        strangers.push(stranger);
    }
    assert_eq!(answers, [vec![554; 10], vec![421; 5]].concat());
    let mut listed = Client::greeted(gateway.mail());
    assert_eq!(listed.hand_over(SENDER, RECIPIENT, MAIL).code, 250);
    assert_eq!(strangers[0].command(&format!("MAIL FROM:<{SENDER}>")).code, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_configured_connections_can_be_open_where_the_system_allows_1024_files_at_first() {
    let usual = getrlimit(Resource::Nofile);
    let sink = Sink::start(sink::Settings::default()).await.unwrap();
    setrlimit(Resource::Nofile, Rlimit { current: Some(1024), ..usual }).unwrap();
    let gateway = Plan::new(sink.address()).start();
    let all = Rlimit { current: usual.maximum, ..usual };
    setrlimit(Resource::Nofile, all).unwrap();
    let mut idle = Vec::new();
    for number in 0..995_u16 {
        let host = 1 + u8::from(number % 2 == 0);
        let mut client = from([127, 0, 1, host], gateway.mail()).await;
        assert_eq!(client.reply().code, 220, "connection {number}");
        idle.push(client);
    }
    let load = load::run(load::Settings {
        sessions: 5,
        amount: Amount::Messages(50),
        ..load::Settings::new(gateway.mail(), Arc::new(Template::of(Kind::Text)), 2)
    });
    let outcome = timeout(PATIENCE, load).await.expect("out of descriptors for connections");
    assert_eq!(outcome.accepted.len(), 50, "{:?}", outcome.troubles);
    assert!(sink.wait_for(50, PATIENCE).await, "out of descriptors for the next hop");
}

/// Takes a client to DATA with a declared size. The reply to DATA and how long it took.
fn declare(client: &mut Client, octets: usize) -> (u16, Duration) {
    assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}> SIZE={octets}")).code, 250);
    assert_eq!(client.command(&format!("RCPT TO:<{RECIPIENT}>")).code, 250);
    let begun = Instant::now();
    (client.command("DATA").code, begun.elapsed())
}

#[test]
fn declared_giants_wait_are_answered_452_and_leave_room_for_small_mail() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let gateway = Plan::new(nobody)
        .set("receive.max_octets_in_flight", &(128 * MEBI).to_string())
        .set("receive.room_wait_seconds", "2")
        .start();
    let mut clients: Vec<Client> = (0..10).map(|_| Client::greeted(gateway.mail())).collect();
    let threads: Vec<_> = clients
        .drain(..)
        .map(|mut client| {
            std::thread::spawn(move || {
                let answer = declare(&mut client, 50 * 1000 * 1000);
                (client, answer)
            })
        })
        .collect();
    wait_for("two of them have all the room there is for giants", || {
        let taken = gateway.metric("sekimori_octets_in_flight")?;
        (taken >= 2 * 50 * 1000 * 1000).then_some(())
    });
    let mut small = Client::greeted(gateway.mail());
    let begun = Instant::now();
    let reply = small.hand_over(SENDER, RECIPIENT, MAIL);
    println!("small mail beside giants that wait: {reply:?} after {:?}", begun.elapsed());
    assert_eq!(reply.code, 250);
    assert!(begun.elapsed() < Duration::from_secs(2), "it did not wait behind them");
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(_, (code, _))| *code == 354);
    assert_eq!(taken.len(), 2);
    for (mut client, (code, waited)) in refused {
        assert_eq!(code, 452);
        assert!(waited >= Duration::from_secs(2), "{waited:?}");
        assert_eq!(client.command("RSET").code, 250);
        assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250, "in the same session");
    }
    drop(taken);
    wait_for("what they held is given back", || {
        gateway.metric("sekimori_octets_in_flight").filter(|&taken| taken == 0)
    });
    assert_eq!(declare(&mut small, 50 * 1000 * 1000).0, 354);
    assert!(process::peak_memory(gateway.pid().unwrap()) < 128 * MEBI as u64);
}

/// A mail of about `octets` with one attachment, as it goes over the wire but for the final dot.
fn with_attachment(octets: usize) -> Vec<u8> {
    let mut mail = b"From: <a@example.jp>\r\nSubject: s\r\nMIME-Version: 1.0\r\n\
        Content-Type: application/octet-stream; name=a.bin\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n"
        .to_vec();
    let line = b"Tm90aGluZyBvZiBpbXBvcnRhbmNlLCBvdmVyIGFuZCBvdmVyIGFnYWluLCBidXQgbGFyZ2Uu\r\n";
    while mail.len() < octets {
        mail.extend_from_slice(line);
    }
    mail.truncate(mail.len() - 2);
    mail
}

#[test]
fn memory_stays_bounded_while_many_send_large_mail_at_once() {
    const CLIENTS: usize = 12;
    const MESSAGE: usize = 2 * MEBI;
    const IN_FLIGHT: usize = 8 * MEBI;
    let nobody = ([127, 0, 0, 1], 9).into();
    let gateway = Plan::new(nobody)
        .set("receive.max_message_octets", &(3 * MEBI).to_string())
        .set("receive.max_octets_in_flight", &IN_FLIGHT.to_string())
        .start();
    let before = process::peak_memory(gateway.pid().unwrap());
    let mail = Arc::new(with_attachment(MESSAGE));
    let senders: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let mail = Arc::clone(&mail);
            let mut client = Client::greeted(gateway.mail());
            std::thread::spawn(move || {
                // Every other client says how much will come.
                if number % 2 == 0 {
                    client.hand_over(SENDER, RECIPIENT, &mail).code
                } else {
                    let (code, _) = declare(&mut client, mail.len());
                    assert_eq!(code, 354);
                    client.send(&mail).unwrap();
                    client.command("\r\n.").code
                }
            })
        })
        .collect();
    let codes: Vec<u16> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    let grown = process::peak_memory(gateway.pid().unwrap()) - before;
    let kept = codes.iter().filter(|&&code| code == 250).count();
    println!(
        "{kept} of {CLIENTS} mails of {} MiB taken, memory grew by {} MiB at most",
        MESSAGE / MEBI,
        grown / MEBI as u64
    );
    assert_eq!(kept, CLIENTS, "each has its turn: {codes:?}");
    // What is received, and what conversions and the journal make of it meanwhile.
    assert!(grown < 4 * IN_FLIGHT as u64, "{grown}");
}
