//! The form of a segment file. All numbers are little-endian.
//!
//! ```text
//! segment  "SKMRSEG1"  number u64          then records without gaps
//! record   "SKMR"  kind u8  0 u8  owners u16  stored u64  plain u64  check u64
//!          owners x queue id u64
//!          stored octets of zstd
//! ```
//!
//! `kind` is 1 for an original, 2 for a text. `check` is the first eight octets of the SHA-256 of
//! what stands before it and of the owners: SHA-256 since it is at hand and the input is short. The
//! body is covered by zstd's own checksum. The owners make a segment readable by itself: compaction
//! finds out by them which records are alive, and a store whose database was lost can be searched.

use sekimori_policy::QueueId;
use sha2::{Digest, Sha256};

/// First octets of a segment file.
const SEGMENT_MAGIC: [u8; 8] = *b"SKMRSEG1";
/// Octets before the first record.
pub(super) const SEGMENT_HEADER: u64 = 16;
const RECORD_MAGIC: [u8; 4] = *b"SKMR";
const FIXED: usize = 32;
const CHECKED: usize = FIXED - 8;
const OWNER: usize = 8;

/// What a body is to its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The message as received.
    Original = 1,
    /// The text that crosses.
    Text = 2,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    /// Number of the segment.
    pub(super) segment: u64,
    /// Offset of the record's first octet.
    pub(super) offset: u64,
    /// Octets of the whole record.
    pub(super) length: u64,
}

/// What stands before a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordHeader {
    pub(super) kind: Kind,
    /// The messages that the body belongs to when written. At most 65,535.
    pub(super) owners: Vec<QueueId>,
    /// Octets of the body as stored.
    pub(super) stored: u64,
    /// Octets of the body unpacked.
    pub(super) plain: u64,
}

/// A reading of the octets at the start of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// The header, and its own octets.
    Complete { header: RecordHeader, consumed: u64 },
    /// That many octets are needed to go on.
    Incomplete { needed: usize },
    /// No record starts here.
    Damaged,
}

/// The octets before a segment's first record.
pub(super) fn segment_header(number: u64) -> [u8; 16] {
    let mut header = [0; 16];
    let (magic, rest) = header.split_at_mut(SEGMENT_MAGIC.len());
    magic.copy_from_slice(&SEGMENT_MAGIC);
    rest.copy_from_slice(&number.to_le_bytes());
    header
}

impl RecordHeader {
    /// Octets of the header.
    pub(super) fn octets(&self) -> u64 {
        (FIXED + self.owners.len() * OWNER) as u64
    }

    /// Octets of the whole record.
    pub(super) fn record_octets(&self) -> u64 {
        self.octets() + self.stored
    }

    /// The header as written.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut fixed = Vec::with_capacity(FIXED + self.owners.len() * OWNER);
        fixed.extend_from_slice(&RECORD_MAGIC);
        fixed.push(self.kind as u8);
        fixed.push(0);
        let owners = u16::try_from(self.owners.len()).unwrap_or(u16::MAX);
        fixed.extend_from_slice(&owners.to_le_bytes());
        fixed.extend_from_slice(&self.stored.to_le_bytes());
        fixed.extend_from_slice(&self.plain.to_le_bytes());
        let listed: Vec<u8> = self.owners.iter().flat_map(|o| o.0.to_le_bytes()).collect();
        let check = check(&fixed, &listed);
        fixed.extend_from_slice(&check);
        fixed.extend_from_slice(&listed);
        fixed
    }

    /// Reads a header from the start of `octets`.
    pub(super) fn decode(octets: &[u8]) -> Decoded {
        let Some((fixed, rest)) = octets.split_first_chunk::<FIXED>() else {
            return Decoded::Incomplete { needed: FIXED };
        };
        let count = usize::from(u16::from_le_bytes(field(fixed, 6)));
        if fixed.get(..4) != Some(&RECORD_MAGIC) {
            return Decoded::Damaged;
        }
        let Some(listed) = rest.get(..count * OWNER) else {
            return Decoded::Incomplete { needed: FIXED + count * OWNER };
        };
        let kind = match fixed.get(4) {
            Some(1) => Kind::Original,
            Some(2) => Kind::Text,
            _ => return Decoded::Damaged,
        };
        if fixed.get(CHECKED..) != Some(&check(fixed.get(..CHECKED).unwrap_or_default(), listed)) {
            return Decoded::Damaged;
        }
        let header = Self {
            kind,
            owners: listed
                .chunks_exact(OWNER)
                .map(|o| QueueId(u64::from_le_bytes(field(o, 0))))
                .collect(),
            stored: u64::from_le_bytes(field(fixed, 8)),
            plain: u64::from_le_bytes(field(fixed, 16)),
        };
        let consumed = header.octets();
        Decoded::Complete { header, consumed }
    }
}

fn check(fixed: &[u8], listed: &[u8]) -> [u8; 8] {
    let digest = Sha256::new().chain_update(fixed).chain_update(listed).finalize();
    field(&digest, 0)
}

/// `N` octets from `offset`; zeroes where there are none.
fn field<const N: usize>(octets: &[u8], offset: usize) -> [u8; N] {
    octets.get(offset..).and_then(|rest| rest.first_chunk::<N>()).copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(owners: &[u64]) -> RecordHeader {
        RecordHeader {
            kind: Kind::Original,
            owners: owners.iter().copied().map(QueueId).collect(),
            stored: 1_234,
            plain: 5_678,
        }
    }

    #[test]
    fn a_header_reads_back_and_says_how_much_it_needs() {
        for owners in [&[][..], &[7], &[1, u64::MAX, 3]] {
            let header = header(owners);
            let mut octets = header.encode();
            octets.extend_from_slice(b"body");
            let consumed = header.octets();
            assert_eq!(consumed, octets.len() as u64 - 4);
            for short in 0..octets.len() - 4 {
                let Decoded::Incomplete { needed } = RecordHeader::decode(&octets[..short]) else {
                    panic!("{short} octets were enough");
                };
                assert!(short < needed && needed <= octets.len() - 4);
            }
            assert_eq!(RecordHeader::decode(&octets), Decoded::Complete { header, consumed });
        }
    }

    #[test]
    fn any_changed_octet_of_a_header_shows() {
        let whole = header(&[1, 2]).encode();
        for position in 0..whole.len() {
            let mut octets = whole.clone();
            octets[position] ^= 1;
            octets.resize(1_000_000, 0);
            assert_eq!(RecordHeader::decode(&octets), Decoded::Damaged, "{position}");
        }
    }
}
