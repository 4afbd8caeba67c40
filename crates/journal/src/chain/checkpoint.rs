//! Signed statements of how far a chain has come.

use sekimori_policy::Timestamp;
use serde::{Deserialize, Serialize};

use super::Hash;
use super::hexadecimal::{from_hex, to_hex};
use super::key::{AuditKey, AuditPublicKey, Head, SIGNATURE_OCTETS};

/// Longest line with a checkpoint, in octets.
pub const MAX_CHECKPOINT_OCTETS: usize = 8 * 1024;

const TAG: &[u8] = b"sekimori audit checkpoint 1\0";

/// A checkpoint: at this time, the newest record of this chain had this number and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the chain; `None` for the gateway's own.
    pub chain: Option<String>,
    /// Number of the newest record.
    pub number: u64,
    /// Its place in the store.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// When the checkpoint was made.
    pub at: Timestamp,
    /// Ed25519 signature over all of it.
    pub signature: [u8; SIGNATURE_OCTETS],
}

/// The members of a line. They are only ever added.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    chain: Option<String>,
    number: u64,
    sequence: u64,
    hash: String,
    at: String,
    at_millis: i64,
    signature: String,
}

impl Checkpoint {
    /// Makes and signs one.
    pub fn sign(key: &AuditKey, chain: Option<String>, head: &Head, at: Timestamp) -> Self {
        let at = Timestamp::japanese_time(at.unix_millis());
        let signature = [0; SIGNATURE_OCTETS];
        let Head { number, sequence, hash } = *head;
        let unsigned = Self { chain, number, sequence, hash, at, signature };
        Self { signature: key.sign(&unsigned.signed_octets()), ..unsigned }
    }

    /// Whether the signature is by this key.
    pub fn is_signed_by(&self, key: &AuditPublicKey) -> bool {
        key.verifies(&self.signed_octets(), &self.signature)
    }

    fn signed_octets(&self) -> Vec<u8> {
        let mut octets = TAG.to_vec();
        octets.extend(self.number.to_be_bytes());
        octets.extend(self.sequence.to_be_bytes());
        octets.extend(self.hash);
        octets.extend(self.at.unix_millis().to_be_bytes());
        octets.push(u8::from(self.chain.is_some()));
        octets.extend(self.chain.as_deref().unwrap_or_default().as_bytes());
        octets
    }

    /// As one JSON object, without a line end.
    pub fn to_json(&self) -> String {
        let line = Line {
            chain: self.chain.clone(),
            number: self.number,
            sequence: self.sequence,
            hash: to_hex(&self.hash),
            at: self.at.rfc3339(),
            at_millis: self.at.unix_millis(),
            signature: to_hex(&self.signature),
        };
        // Texts and numbers always have a JSON form.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// Reads what [`Checkpoint::to_json`] wrote. `None` when it is anything else.
    pub fn from_json(line: &str) -> Option<Self> {
        if line.len() > MAX_CHECKPOINT_OCTETS {
            return None;
        }
        let line: Line = serde_json::from_str(line).ok()?;
        let at = Timestamp::japanese_time(line.at_millis);
        if at.unix_millis() != line.at_millis || at.rfc3339() != line.at {
            return None;
        }
        Some(Self {
            chain: line.chain,
            number: line.number,
            sequence: line.sequence,
            hash: from_hex(&line.hash)?,
            at,
            signature: from_hex(&line.signature)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head { number: 7, sequence: 9, hash: [1; 32] };

    fn checkpoint() -> (AuditPublicKey, Checkpoint) {
        let key = AuditKey::from_random(&[7; 64]);
        let at = Timestamp::japanese_time(1_789_977_600_000);
        (key.public(), Checkpoint::sign(&key, Some("山北町".to_owned()), &HEAD, at))
    }

    #[test]
    fn a_line_reads_back() {
        let (key, made) = checkpoint();
        let line = made.to_json();
        assert!(!line.contains('\n'));
        let read = Checkpoint::from_json(&line).unwrap();
        assert_eq!(read, made);
        assert!(read.is_signed_by(&key));
        assert!(!read.is_signed_by(&AuditKey::from_random(&[8; 64]).public()));
    }

    #[test]
    fn any_changed_octet_of_a_line_shows() {
        let (key, made) = checkpoint();
        let line = made.to_json().into_bytes();
        for place in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[place] ^= 1 << bit;
                let read = std::str::from_utf8(&changed).ok().and_then(Checkpoint::from_json);
                assert!(read.is_none_or(|read| !read.is_signed_by(&key)), "{place} {bit}");
            }
        }
    }

    #[test]
    fn an_overlong_line_is_not_read() {
        let (_, made) = checkpoint();
        let line = made.to_json();
        let padded = |octets: usize| format!("{line}{}", " ".repeat(octets - line.len()));
        assert!(Checkpoint::from_json(&padded(MAX_CHECKPOINT_OCTETS)).is_some());
        assert!(Checkpoint::from_json(&padded(MAX_CHECKPOINT_OCTETS + 1)).is_none());
    }
}
