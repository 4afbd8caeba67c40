//! What the benches share: how they are run, and what they run on.
//!
//! The inputs are the four mails that `cargo xtask bench-relay` sends, so that the figures of a part
//! and of the whole relay compare. Throughput is octets of the mail, or of the piece of it that the
//! part is given.
//!
//! Layout: this file has the mails and their pieces; each bench is a file beside `src`, named by its
//! subject.
#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "a bench whose own input is wrong has to stop")]

pub mod session;

use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use sekimori_mime::{Message, Part, PartKind, scan};
use sekimori_policy::{
    Address, Envelope, Limits, Organisation, QueueId, ReferenceNumber, ReversePath, Timestamp,
};
use sekimori_sanitize::Context;
use sekimori_xtask::mail::{Kind, Marker, Template};
use sekimori_xtask::workspace;

/// Runs benches, short enough that all of them end within three minutes. Options of the command line
/// go before these settings.
pub fn run(benches: &[fn(&mut Criterion)]) {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_200))
        .sample_size(20)
        .nresamples(20_000)
        .configure_from_args();
    for bench in benches {
        bench(&mut criterion);
    }
    criterion.final_summary();
}

/// Throughput in octets of `piece`.
pub fn octets(piece: &[u8]) -> Throughput {
    Throughput::Bytes(u64::try_from(piece.len()).unwrap_or(u64::MAX))
}

/// One mail that load consists of.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its kind.
    pub kind: Kind,
    /// As it goes over the wire after DATA: dots stuffed, the final dot included.
    pub wire: Vec<u8>,
    /// As it is received: dots unstuffed, without the final one.
    pub octets: Vec<u8>,
}

impl Mail {
    /// The mail of a kind.
    pub fn of(kind: Kind) -> Self {
        let mut wire = Vec::new();
        Template::of(kind).fill(&mut wire, Marker { run: 1, number: 1 });
        let lines = wire.strip_suffix(b".\r\n").unwrap_or(&wire).split_inclusive(|&b| b == b'\n');
        let octets = lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied();
        Self { kind, octets: octets.collect(), wire }
    }

    /// A mail of each kind.
    pub fn all() -> [Self; 4] {
        Kind::ALL.map(Self::of)
    }
}

/// The mails of `fixtures/mail` in the order of their paths, without the hostile ones, which look like
/// no real mail: `cargo xtask bench-hostile` is about their like.
///
/// # Panics
/// When they cannot be read.
pub fn fixture_mails() -> Vec<Vec<u8>> {
    let folder = workspace::root().join("fixtures/mail");
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("fixtures can be listed");
        entries.map(|entry| entry.expect("fixtures can be listed").path()).collect::<Vec<_>>()
    };
    let kinds = entries(&folder).into_iter().filter(|kind| !kind.ends_with("hostile"));
    let mut paths: Vec<_> = kinds.flat_map(|kind| entries(&kind)).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    paths.sort_unstable();
    paths.iter().map(|path| std::fs::read(path).expect("fixtures can be read")).collect()
}

/// A mail's structure.
///
/// # Panics
/// When the mail is over a limit, which none of ours is.
pub fn scanned<'a>(raw: &'a [u8], limits: &Limits) -> Message<'a> {
    scan(raw, limits).expect("a mail of ours is within the limits")
}

/// The leaves of type `text/subtype`, in their order.
pub fn text_leaves<'m, 'a>(
    message: &'m Message<'a>,
    subtype: &'m str,
) -> impl Iterator<Item = &'m Part<'a>> {
    message
        .parts()
        .filter(move |part| part.kind == PartKind::Leaf && part.content_type.is("text", subtype))
}

/// What a gateway knows of a mail beside its octets.
#[derive(Debug)]
pub struct Receipt {
    /// Sender and recipient.
    pub envelope: Envelope,
    /// Whose mail it is.
    pub organisation: Organisation,
    /// The bounds, at their defaults.
    pub limits: Limits,
    /// When it came.
    pub received_at: Timestamp,
}

impl Receipt {
    /// A mail to one clerk of a town with every setting at its default.
    pub fn new() -> Self {
        let recipient = address("clerk@town.example.lg.jp");
        Self {
            organisation: Organisation::new("湯川町", vec![recipient.domain().clone()]),
            envelope: Envelope {
                sender: ReversePath(Some(address("office@association.example.jp"))),
                recipients: vec![recipient],
            },
            limits: Limits::default(),
            received_at: Timestamp::japanese_time(1_789_977_600_000),
        }
    }

    /// What sanitizing is given.
    pub fn context(&self) -> Context<'_> {
        Context {
            queue_id: QueueId(0x1A3),
            reference: ReferenceNumber::from_bits(0x12_3456_789A),
            received_at: self.received_at,
            keep_until: self.received_at.plus_days(self.organisation.retention_days),
            envelope: &self.envelope,
            host: "relay.example.lg.jp",
            protocol: "ESMTP",
            organisation: &self.organisation,
            exceptions: &[],
            may_refuse: true,
            limits: &self.limits,
            stop: &|| false,
        }
    }
}

impl Default for Receipt {
    fn default() -> Self {
        Self::new()
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}
