//! A backup made while mail comes in is enough to go on with when everything else is gone.

mod support;

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::next_hop::{Manners, NextHop, Reserved};
use support::run::{Run, finish, run};
use support::wait_for;

const CLERK: &str = "clerk@town.example.lg.jp";

fn mail(subject: &str) -> Vec<u8> {
    format!("From: <a@example.jp>\r\nSubject: {subject}\r\n\r\nText of {subject}.\r\n").into_bytes()
}

fn hand_over(gateway: &Gateway, subject: &str) {
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("a@example.jp", CLERK, &mail(subject));
    assert_eq!(reply.code, 250, "{reply:?}");
}

fn back_up(gateway: &Gateway, folder: &Path, more: &[&str]) -> Run {
    let to = folder.to_str().unwrap_or_default();
    finish(&mut gateway.command(&[&["backup", "--to", to], more].concat()), b"")
}

fn restore(gateway: &Gateway, folder: &Path) -> Run {
    let folder = folder.to_str().unwrap_or_default();
    finish(&mut gateway.command(&["backup", "restore", folder]), b"")
}

#[test]
fn a_relay_goes_on_from_a_backup_after_its_journal_is_lost() {
    let hop = Reserved::new();
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("backup");
    let mut gateway = Plan::new(hop.address()).start();
    for subject in ["one", "two", "three"] {
        hand_over(&gateway, subject);
    }
    let made = back_up(&gateway, &backup, &["--with-audit-key"]).good();
    assert!(made.text().contains("3 messages (3 queued, 0 held"), "{}", made.text());
    hand_over(&gateway, "taken after the backup");

    gateway.kill();
    fs::remove_dir_all(gateway.journal()).unwrap();
    let restored = restore(&gateway, &backup).good();
    assert!(restored.text().contains("put back into"), "{}", restored.text());
    let verified = finish(&mut gateway.command(&["audit", "verify"]), b"");
    assert_eq!(verified.code, 0, "{verified:?}");

    gateway.restart();
    let hop = hop.open(Manners::default());
    let handed = hop.wait_for_taken(3);
    for subject in ["one", "two", "three"] {
        let text = format!("Text of {subject}.");
        let count = handed.iter().filter(|mail| mail.text().contains(&text)).count();
        assert_eq!(count, 1, "{subject}");
    }
    let list = finish(&mut gateway.command(&["audit", "list", "--json"]), b"").good();
    assert!(list.text().contains("backup-restored"), "{}", list.text());
}

#[test]
fn a_backup_is_checked_without_a_configuration_and_a_damaged_one_is_told() {
    let hop = NextHop::start(Manners::default());
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("backup");
    let gateway = Plan::new(hop.address()).start();
    hand_over(&gateway, "one");
    wait_for("it is delivered", || {
        gateway.metric("sekimori_messages{state=\"delivered\"}").filter(|&count| count == 1)
    });
    let made = back_up(&gateway, &backup, &["--json"]).good();
    assert_eq!(made.object()["manifest"]["messages"]["delivered"], 1, "{made:?}");
    let folder = backup.to_str().unwrap();
    let good = run(["backup", "verify", folder]).good();
    assert!(good.text().contains("good: every file"), "{}", good.text());

    let segments = fs::read_dir(backup.join("segments")).unwrap();
    let segment = segments.map(|entry| entry.unwrap().path()).next().unwrap();
    let mut octets = fs::read(&segment).unwrap();
    if let Some(octet) = octets.last_mut() {
        *octet ^= 1;
    }
    fs::write(&segment, octets).unwrap();
    let bad = run(["backup", "verify", folder]);
    assert_eq!(bad.code, 65, "{bad:?}");
    let name = segment.file_name().and_then(|name| name.to_str()).unwrap();
    assert!(bad.talk.contains(name), "{}", bad.talk);
}

#[test]
fn nothing_is_written_over() {
    let hop = Reserved::new();
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("backup");
    let mut gateway = Plan::new(hop.address()).start();
    hand_over(&gateway, "one");
    let made = back_up(&gateway, &backup, &[]).good();
    assert!(made.talk.contains("the audit key is not in it"), "{}", made.talk);
    let refused = restore(&gateway, &backup);
    assert!(refused.talk.contains("in use by another sekimori process"), "{refused:?}");
    gateway.kill();
    let refused = restore(&gateway, &backup);
    assert_eq!(refused.code, 64, "{refused:?}");
    assert!(refused.talk.contains("is not empty"), "{}", refused.talk);
    let foreign = kept.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("letter.txt"), "of somebody").unwrap();
    let refused = back_up(&gateway, &foreign, &[]);
    assert_eq!(refused.code, 64, "{refused:?}");
    assert!(refused.talk.contains("give a folder of its own"), "{}", refused.talk);
}

#[test]
fn nobody_else_than_the_service_writes_where_the_service_has_to_read() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not run: only root can give a folder away");
        return;
    }
    let mut gateway = Plan::new(([127, 0, 0, 1], 9).into()).start();
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("backup");
    back_up(&gateway, &backup, &[]).good();
    let theirs = kept.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    chown(&theirs, Some(1), None).unwrap();
    let refused = back_up(&gateway, &theirs, &[]);
    assert_eq!(refused.code, 77);
    assert!(refused.talk.contains("belongs to the user with the number 1,"), "{}", refused.talk);
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0);
    gateway.kill();
    fs::remove_dir_all(gateway.journal()).unwrap();
    fs::create_dir(gateway.journal()).unwrap();
    chown(gateway.journal(), Some(1), None).unwrap();
    let refused = restore(&gateway, &backup);
    assert_eq!(refused.code, 77);
    assert!(refused.talk.contains("run it as that user"), "{}", refused.talk);
    assert_eq!(fs::read_dir(gateway.journal()).unwrap().count(), 0);
}
