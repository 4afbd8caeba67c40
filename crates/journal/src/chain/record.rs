//! What of a record is in its hash, and how.

use sha2::{Digest, Sha256};

use super::Hash;

/// Sets these hashes apart from all others. A change of the encoding is a new tag.
const TAG: &[u8] = b"sekimori audit record 1\0";

/// A record as it is stored, octet by octet. Nothing is assumed of it: it may have been changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// Name of the chain: that of the organisation; `None` for the gateway's own.
    pub chain: Option<&'a [u8]>,
    /// Place in its chain, from 1.
    pub number: u64,
    /// Place in the store.
    pub sequence: u64,
    /// When it happened, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Name of its kind.
    pub kind: &'a [u8],
    /// The message concerned.
    pub queue_id: Option<i64>,
    /// Its 受付番号, as bits.
    pub reference: Option<i64>,
    /// The person who did it.
    pub actor: Option<&'a [u8]>,
    /// The details, as JSON text.
    pub details: &'a [u8],
}

impl RawRecord<'_> {
    /// The hash of this record after one with the hash `previous`: SHA-256 over a tag, `previous`,
    /// and each field. Numbers are eight octets, most significant first; texts have their length
    /// before them; what may be absent has an octet before it that says so. So no two different
    /// records have the same encoding.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(TAG);
        hasher.update(previous);
        optional(&mut hasher, self.chain, text);
        hasher.update(self.number.to_be_bytes());
        hasher.update(self.sequence.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        text(&mut hasher, self.kind);
        optional(&mut hasher, self.queue_id, number);
        optional(&mut hasher, self.reference, number);
        optional(&mut hasher, self.actor, text);
        text(&mut hasher, self.details);
        hasher.finalize().into()
    }
}

fn optional<T>(hasher: &mut Sha256, value: Option<T>, present: fn(&mut Sha256, T)) {
    match value {
        Some(value) => {
            hasher.update([1]);
            present(hasher, value);
        }
        None => hasher.update([0]),
    }
}

fn number(hasher: &mut Sha256, value: i64) {
    hasher.update(value.to_be_bytes());
}

fn text(hasher: &mut Sha256, value: &[u8]) {
    hasher.update((value.len() as u64).to_be_bytes());
    hasher.update(value);
}

#[cfg(test)]
mod tests {
    use super::super::START;
    use super::super::hexadecimal::to_hex;
    use super::*;

    const RECORD: RawRecord<'_> = RawRecord {
        chain: Some("山北町".as_bytes()),
        number: 7,
        sequence: 9,
        at: 1_789_977_600_000,
        kind: b"held",
        queue_id: Some(419),
        reference: Some(5),
        actor: Some("佐藤".as_bytes()),
        details: b"{\"reason\":\"x\"}",
    };

    #[test]
    fn the_encoding_does_not_change() {
        // Computed apart from this program, with Python's hashlib over the encoding above.
        assert_eq!(
            to_hex(&RECORD.hash(&START)),
            "af51ebfa6033ea92b09b8d6c9c6486aaf70ab02f368dcf3dc2004484aabcf4ad"
        );
    }

    #[test]
    fn every_field_is_in_the_hash() {
        let other = [
            RawRecord { chain: Some(b"a"), ..RECORD },
            RawRecord { chain: None, ..RECORD },
            RawRecord { number: 8, ..RECORD },
            RawRecord { sequence: 10, ..RECORD },
            RawRecord { at: 1, ..RECORD },
            RawRecord { kind: b"helc", ..RECORD },
            RawRecord { queue_id: Some(420), ..RECORD },
            RawRecord { queue_id: None, ..RECORD },
            RawRecord { reference: Some(4), ..RECORD },
            RawRecord { reference: None, ..RECORD },
            RawRecord { actor: Some(b""), ..RECORD },
            RawRecord { actor: None, ..RECORD },
            RawRecord { details: b"{}", ..RECORD },
        ];
        for record in other {
            assert_ne!(record.hash(&START), RECORD.hash(&START), "{record:?}");
        }
        assert_ne!(RECORD.hash(&[1; 32]), RECORD.hash(&START));
    }

    #[test]
    fn what_moves_between_two_fields_changes_the_hash() {
        let one = RawRecord { kind: b"ab", actor: None, details: b"c", ..RECORD };
        let two = RawRecord { kind: b"a", actor: None, details: b"bc", ..RECORD };
        assert_ne!(one.hash(&START), two.hash(&START));
    }
}
