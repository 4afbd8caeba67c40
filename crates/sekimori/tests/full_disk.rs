//! A full disk: mail is answered 452, nothing that was acknowledged is lost, and when there is space
//! again everything goes on by itself.
//!
//! The journal is on a small file system of its own in memory, which only root can mount.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sekimori_profile::verify;
use sekimori_xtask::mail::{Kind, Marker, Template};
use sekimori_xtask::sink::{self, Sink};
use support::client::{Client, Reply};
use support::gateway::{Gateway, Plan};
use support::{PATIENCE, wait_for};

const MEBI: u64 = 1024 * 1024;

/// Octets that records of refusals may take of the reserve in a test.
const RECORDS: u64 = 128 * 1024;

/// Size of the file system.
const DISK: u64 = 24 * MEBI;
/// What fills a part of it until space is to be freed.
const BALLAST: u64 = 10 * MEBI;
/// The largest mail of these tests.
const LARGEST: u64 = MEBI;

const SENDER: &str = "office@association.example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";

/// A file system in memory. Unmounted when dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// Mounts one, or says why that cannot be.
    fn mount() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("sekimori-disk-").tempdir().unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={DISK},mode=0700"), "tmpfs"])
            .arg(folder.path())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(Self { folder })
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    fn take_space(&self, octets: u64) {
        fs::write(self.ballast(), vec![1; usize::try_from(octets).unwrap()]).unwrap();
    }

    /// Leaves not one octet.
    fn fill_the_rest(&self) {
        let mut ballast = OpenOptions::new().append(true).open(self.ballast()).unwrap();
        while ballast.write(&[1; 4096]).is_ok_and(|written| written > 0) {}
        assert_eq!(self.free(), 0);
    }

    fn free_space(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn free(&self) -> u64 {
        let space = rustix::fs::statvfs(self.path()).unwrap();
        space.f_bavail * space.f_frsize
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} stays mounted", self.path().display());
        }
    }
}

/// A disk, or `None` where none can be mounted, with the reason on standard error.
fn disk() -> Option<Disk> {
    Disk::mount().map_err(|reason| eprintln!("not run: no tmpfs can be mounted: {reason}")).ok()
}

fn gateway(disk: &Disk, sink: &Sink, reserve: u64) -> Plan {
    Plan::new(sink.address())
        .set("journal.path", &format!("\"{}\"", disk.path().join("journal").display()))
        .set("journal.reserve_octets", &reserve.to_string())
        .set("journal.segment_octets", &(4 * MEBI).to_string())
        .set("receive.max_message_octets", &LARGEST.to_string())
}

/// Sends mails one after the other.
struct Sender {
    template: Template,
    run: u32,
    next: u64,
    acknowledged: HashSet<Marker>,
}

impl Sender {
    fn new(run: u32, kind: Kind) -> Self {
        Self { template: Template::of(kind), run, next: 0, acknowledged: HashSet::new() }
    }

    fn send(&mut self, client: &mut Client) -> Reply {
        let marker = Marker { run: self.run, number: self.next };
        self.next += 1;
        let mut wire = Vec::new();
        self.template.fill(&mut wire, marker);
        let message = wire.strip_suffix(b"\r\n.\r\n").unwrap();
        let reply = client.hand_over(SENDER, RECIPIENT, message);
        if reply.code == 250 {
            self.acknowledged.insert(marker);
        }
        reply
    }

    /// Sends mails until one is not acknowledged, and gives its reply.
    fn fill(&mut self, client: &mut Client) -> Reply {
        loop {
            let reply = self.send(client);
            if reply.code != 250 {
                return reply;
            }
            assert!(self.next < 10_000, "the disk never fills");
        }
    }
}

/// Asserts that what was acknowledged is at the sink, each fit to cross, and nothing else.
fn assert_arrived(gateway: &Gateway, sink: &Sink, senders: &[&Sender]) {
    wait_for("the queue is empty", || {
        gateway.metric("sekimori_messages{state=\"queued\"}").filter(|&queued| queued == 0)
    });
    let arrived: HashSet<Marker> = sink
        .accepted()
        .iter()
        .map(|mail| {
            let body = mail.body.as_ref().unwrap();
            verify::verify(body, 1024 * 1024).unwrap();
            Marker::find(body).unwrap()
        })
        .collect();
    let acknowledged: HashSet<Marker> =
        senders.iter().flat_map(|sender| sender.acknowledged.iter().copied()).collect();
    assert!(arrived.is_superset(&acknowledged), "mail was lost");
    let half = arrived.difference(&acknowledged).count();
    assert_eq!(half, 0, "mail was kept that was refused");
    let repeated = sink.accepted().len() - arrived.len();
    println!("{} acknowledged, all of them arrived, {repeated} twice", acknowledged.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_the_reserve_mail_is_answered_452_and_what_is_queued_goes_on() {
    let Some(disk) = disk() else { return };
    let mut sink = Sink::start(sink::Settings { keep_bodies: true, ..sink::Settings::default() })
        .await
        .unwrap();
    sink.stop().await;
    disk.take_space(BALLAST);
    let reserve = 4 * MEBI;
    let gateway = gateway(&disk, &sink, reserve).start();
    assert_eq!(gateway.get("/readyz").0, 200);
    let mut client = Client::greeted(gateway.mail());
    let mut large = Sender::new(1, Kind::Attachment);
    let refused = large.fill(&mut client);
    println!("after {} mails, {} octets free: {refused:?}", large.next - 1, disk.free());
    assert_eq!(refused.code, 452);
    assert!(refused.text.starts_with("4.3.1 "), "{refused:?}");
    // No mail goes into the reserve; that mail was refused is still put on record.
    assert!(disk.free() + RECORDS >= reserve, "{} octets are free", disk.free());
    assert_eq!(gateway.get("/livez").0, 200);
    let (status, reason) = gateway.get("/readyz");
    assert_eq!(status, 503);
    assert!(reason.contains("disk low"), "{reason}");
    let mut small = Sender::new(2, Kind::Text);
    let refused = small.fill(&mut client);
    println!("after {} small ones more: {refused:?}", small.next - 1);
    assert_eq!(refused.code, 452);
    sink.restart().await.unwrap();
    assert_arrived(&gateway, &sink, &[&large, &small]);
    assert_eq!(gateway.get("/readyz").0, 503, "originals are kept, so it is as full as before");
    disk.free_space();
    assert_eq!(gateway.get("/readyz").0, 200);
    assert_eq!(large.send(&mut client).code, 250, "in the same session");
    assert_arrived(&gateway, &sink, &[&large, &small]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_reserve_a_disk_that_is_really_full_loses_nothing_either() {
    let Some(disk) = disk() else { return };
    let mut sink = Sink::start(sink::Settings { keep_bodies: true, ..sink::Settings::default() })
        .await
        .unwrap();
    sink.stop().await;
    disk.take_space(BALLAST);
    let mut gateway = gateway(&disk, &sink, 0).start();
    let mut client = Client::greeted(gateway.mail());
    let mut large = Sender::new(1, Kind::Attachment);
    let mut small = Sender::new(2, Kind::Text);
    for sender in [&mut large, &mut small] {
        let refused = sender.fill(&mut client);
        println!("after {} mails, {} octets free: {refused:?}", sender.next - 1, disk.free());
        assert_eq!(refused.code, 452);
    }
    for _ in 0..20 {
        assert_eq!(large.send(&mut client).code, 452, "again and again");
    }
    assert_eq!(gateway.get("/livez").0, 200);
    assert_eq!(gateway.get("/readyz").0, 503);
    // The results of deliveries find no space either: they are recorded when there is some.
    sink.restart().await.unwrap();
    assert!(sink.wait_for(1, PATIENCE).await, "delivery goes on");
    disk.free_space();
    wait_for("mail is taken again", || {
        let reply = small.send(&mut client);
        assert!(reply.code == 250 || reply.code == 452, "{reply:?}");
        (reply.code == 250).then_some(())
    });
    assert_eq!(gateway.get("/readyz").0, 200);
    assert_arrived(&gateway, &sink, &[&large, &small]);
    gateway.kill();
    gateway.restart();
    assert_eq!(gateway.metric("sekimori_messages{state=\"queued\"}"), Some(0));
    let kept = (large.acknowledged.len() + small.acknowledged.len()) as u64;
    assert_eq!(gateway.metric("sekimori_messages{state=\"delivered\"}"), Some(kept));
}

/// Without one octet of space it depends on what the crash left behind whether the journal opens. Either
/// it does, or the exit code says to try again and the reason is told.
fn assert_comes_up_or_says_why_not(gateway: &Gateway) {
    let said = gateway.folder().join("said");
    let file = fs::File::create(&said).unwrap();
    let mut child = gateway.command(&["serve"]).stderr(file).spawn().unwrap();
    let (ended, said) = wait_for("it listens or ends", || {
        let ended = child.try_wait().unwrap();
        let said = fs::read_to_string(&said).unwrap();
        (ended.is_some() || said.contains("listening for mail")).then_some((ended, said))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    if let Some(status) = ended {
        assert_eq!(status.code(), Some(75), "{said}");
        assert!(said.ends_with("the journal's disk is full\n"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_killed_on_a_full_disk_comes_back_with_everything_once_there_is_space() {
    let Some(disk) = disk() else { return };
    let mut sink = Sink::start(sink::Settings { keep_bodies: true, ..sink::Settings::default() })
        .await
        .unwrap();
    sink.stop().await;
    disk.take_space(BALLAST);
    let mut gateway = gateway(&disk, &sink, 0).start();
    let mut client = Client::greeted(gateway.mail());
    let mut large = Sender::new(1, Kind::Attachment);
    let mut small = Sender::new(2, Kind::Text);
    for sender in [&mut large, &mut small] {
        assert_eq!(sender.fill(&mut client).code, 452);
    }
    gateway.kill();
    disk.fill_the_rest();
    assert_comes_up_or_says_why_not(&gateway);
    disk.free_space();
    gateway.restart();
    sink.restart().await.unwrap();
    assert_arrived(&gateway, &sink, &[&large, &small]);
    assert_eq!(small.send(&mut Client::greeted(gateway.mail())).code, 250);
    assert_arrived(&gateway, &sink, &[&large, &small]);
    assert_eq!(gateway.get("/readyz").0, 200);
}
