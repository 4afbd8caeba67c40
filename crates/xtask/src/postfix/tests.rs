use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;

use super::*;

fn submit(to: SocketAddr, recipient: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut replies = BufReader::new(stream.try_clone().unwrap());
    let mut last = String::new();
    let data = format!("{text}\r\n.\r\n");
    let recipient = format!("RCPT TO:<{recipient}>\r\n");
    for command in [
        "",
        "HELO client.example\r\n",
        "MAIL FROM:<sender@example.jp>\r\n",
        &recipient,
        "DATA\r\n",
        &data,
    ] {
        stream.write_all(command.as_bytes()).unwrap();
        last.clear();
        replies.read_line(&mut last).unwrap();
        if last.starts_with('5') {
            break;
        }
    }
    last
}

fn wait_until(what: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if what() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn mail_goes_from_a_sending_instance_to_a_receiving_ones_maildir() {
    if let Err(reason) = Postfix::can_run() {
        eprintln!("not run: {reason}");
        return;
    }
    let receiving = Postfix::start(&Settings::new(Role::Receiving {
        domains: vec!["town.example.lg.jp".to_owned()],
        certificate: None,
        delivery: Delivery::Maildir,
    }))
    .unwrap();
    let sending = Postfix::start(&Settings::new(Role::Sending {
        next_hop: receiving.address(),
        tls: NextHopTls::WhenOffered,
        xforward: false,
    }))
    .unwrap();
    let reply =
        submit(sending.address(), "clerk@town.example.lg.jp", "Subject: hello\r\n\r\nThe text.");
    assert!(reply.starts_with("250"), "{reply}");
    assert!(
        wait_until(|| !receiving.delivered().unwrap().is_empty()),
        "{}{}",
        sending.log(),
        receiving.log()
    );
    let message = String::from_utf8(receiving.delivered().unwrap().remove(0)).unwrap();
    assert!(message.starts_with("Received:"), "{message}");
    assert!(message.contains("\r\nSubject: hello\r\n"), "{message}");
    assert!(message.ends_with("\r\n\r\nThe text.\r\n"), "{message}");
    assert!(wait_until(|| sending.queued().unwrap() == 0));
    assert!(sending.pids().len() > 1);
    let refused = submit(receiving.address(), "x@elsewhere.example", "x");
    assert!(refused.starts_with("554"), "{refused}");
    let master = sending.master_pid();
    sending.stop().unwrap();
    assert!(process::tree(master).is_empty());
}

#[test]
fn instances_speak_tls_where_it_is_required() {
    if let Err(reason) = Postfix::can_run() {
        eprintln!("not run: {reason}");
        return;
    }
    let made = rcgen::generate_simple_self_signed(vec!["lgwan.mail.example".to_owned()]).unwrap();
    let sink = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let receiving = Postfix::start(&Settings::new(Role::Receiving {
        domains: vec!["town.example.lg.jp".to_owned()],
        certificate: Some(Certificate {
            chain_pem: made.cert.pem(),
            key_pem: made.signing_key.serialize_pem(),
        }),
        delivery: Delivery::NextHop(sink.local_addr().unwrap()),
    }))
    .unwrap();
    let sending = Postfix::start(&Settings::new(Role::Sending {
        next_hop: receiving.address(),
        tls: NextHopTls::Required,
        xforward: true,
    }))
    .unwrap();
    submit(sending.address(), "clerk@town.example.lg.jp", "Subject: hello\r\n\r\nText.");
    let established = "TLS connection established";
    assert!(
        wait_until(|| sending.log().contains(established)
            && receiving.log().contains(established)
            && sending.queued().unwrap() == 0),
        "{}{}",
        sending.log(),
        receiving.log()
    );
    sink.set_nonblocking(true).unwrap();
    assert!(wait_until(|| sink.accept().is_ok()), "nothing was sent on: {}", receiving.log());
}
