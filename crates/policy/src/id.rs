//! The numbers a message is known by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A queue id: unique in one store, growing with time of receipt, never used twice.
///
/// Written as ten or more hexadecimal digits in upper case, the way operators know it from Postfix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QueueId(pub u64);

/// Why a string is not a queue id or reference number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not hexadecimal, or more than 16 digits.
    #[error("a queue id is 1 to 16 hexadecimal digits")]
    QueueId,
    /// Not eight symbols of the reference alphabet.
    #[error("a reference number is eight letters and digits, as in 7F3K-9Q2M")]
    ReferenceNumber,
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010X}", self.0)
    }
}

impl FromStr for QueueId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits_only = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !digits_only {
            return Err(IdError::QueueId);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| IdError::QueueId)
    }
}

impl TryFrom<String> for QueueId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<QueueId> for String {
    fn from(id: QueueId) -> Self {
        id.to_string()
    }
}

/// The 受付番号: eight symbols a clerk can read over the telephone, as in `7F3K-9Q2M`.
///
/// Forty bits in Crockford's base 32 alphabet (no I, L, O, U). Reading is lenient: case, hyphens,
/// spaces and full-width forms do not matter, and I, L, O are read as 1, 1, 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReferenceNumber(u64);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const REFERENCE_BITS: u32 = 40;
const REFERENCE_MASK: u64 = (1 << REFERENCE_BITS) - 1;
const HALF_MASK: u64 = (1 << (REFERENCE_BITS / 2)) - 1;

impl ReferenceNumber {
    /// The low 40 bits of `bits` as a reference number.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits & REFERENCE_MASK)
    }

    /// The forty bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The reference number of a queue id: a permutation of its low 40 bits under a store's key.
    ///
    /// Two queue ids less than 2^40 apart never share a number, and without the key the next number
    /// cannot be told from the last. It is a name, not a secret: rights are checked elsewhere.
    pub fn for_queue_id(id: QueueId, key: u64) -> Self {
        let mut left = (id.0 >> 20) & HALF_MASK;
        let mut right = id.0 & HALF_MASK;
        for round in 0..6_u64 {
            let mixed = mix(right ^ (round << 32), key) & HALF_MASK;
            (left, right) = (right, left ^ mixed);
        }
        Self((left << 20) | right)
    }

    /// The low 40 bits of the queue id that this is the reference number of under a store's key.
    pub fn queue_id(self, key: u64) -> QueueId {
        let mut left = (self.0 >> 20) & HALF_MASK;
        let mut right = self.0 & HALF_MASK;
        for round in (0..6_u64).rev() {
            let mixed = mix(left ^ (round << 32), key) & HALF_MASK;
            (left, right) = (right ^ mixed, left);
        }
        QueueId((left << 20) | right)
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014) over value and key.
fn mix(value: u64, key: u64) -> u64 {
    let mut z = value.wrapping_add(key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl fmt::Display for ReferenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in (0..8_u32).rev() {
            let symbol = (self.0 >> (position * 5)) & 31;
            let byte = ALPHABET.get(usize::try_from(symbol).unwrap_or(0)).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(byte))?;
            if position == 4 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}

impl FromStr for ReferenceNumber {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bits = 0_u64;
        let mut symbols = 0;
        for c in text.chars() {
            let narrow = match c {
                '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
                other => other,
            };
            let upper = match narrow.to_ascii_uppercase() {
                '-' | ' ' | '\u{3000}' | '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{30FC}' => {
                    continue;
                }
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET
                .iter()
                .position(|&symbol| char::from(symbol) == upper)
                .and_then(|v| u64::try_from(v).ok())
                .ok_or(IdError::ReferenceNumber)?;
            symbols += 1;
            if symbols > 8 {
                return Err(IdError::ReferenceNumber);
            }
            bits = (bits << 5) | value;
        }
        if symbols == 8 { Ok(Self(bits)) } else { Err(IdError::ReferenceNumber) }
    }
}

impl TryFrom<String> for ReferenceNumber {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ReferenceNumber> for String {
    fn from(number: ReferenceNumber) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn queue_ids_read_back() {
        let id = QueueId(0x1A3);
        assert_eq!(id.to_string(), "00000001A3");
        assert_eq!("00000001a3".parse(), Ok(id));
        for text in ["", "+1", "G", "11111111111111111"] {
            assert_eq!(text.parse::<QueueId>(), Err(IdError::QueueId), "{text}");
        }
    }

    #[test]
    fn a_clerk_may_spell_a_reference_number_loosely() {
        let number: ReferenceNumber = "7F3K-9Q2M".parse().unwrap();
        assert_eq!(number.to_string(), "7F3K-9Q2M");
        for spelled in ["7f3k9q2m", " 7F3K 9Q2M ", "７Ｆ３Ｋ－９Ｑ２Ｍ", "7F3Kー9Q2M"] {
            assert_eq!(spelled.parse(), Ok(number), "{spelled}");
        }
        assert_eq!("OIL0-0000".parse::<ReferenceNumber>(), "0110-0000".parse());
        for wrong in ["", "7F3K-9Q2", "7F3K-9Q2MM", "7F3K-9Q2U", "7F3K-9Q2あ"] {
            assert_eq!(wrong.parse::<ReferenceNumber>(), Err(IdError::ReferenceNumber), "{wrong}");
        }
    }

    #[test]
    fn a_reference_number_leads_back_to_its_queue_id() {
        for id in (0..100).chain([REFERENCE_MASK, REFERENCE_MASK / 3]).map(QueueId) {
            for key in [0, 1, u64::MAX] {
                assert_eq!(ReferenceNumber::for_queue_id(id, key).queue_id(key), id);
            }
        }
    }

    #[test]
    fn reference_numbers_of_a_store_differ() {
        let numbers: HashSet<_> =
            (0..100_000).map(|n| ReferenceNumber::for_queue_id(QueueId(n), 42)).collect();
        assert_eq!(numbers.len(), 100_000);
    }
}
