//! The key of a store's chains: a secret for keyed hashes and one for signatures.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Hash;
use super::hexadecimal::{from_hex, to_hex};

/// First line of a key file: what it is, and the version of the rest.
const SECRET_TITLE: &str = "sekimori audit key 1";
/// First line of a file with the public key.
const PUBLIC_TITLE: &str = "sekimori audit public key 1";
/// Longest file that is read as a key, in octets.
pub const MAX_KEY_OCTETS: u64 = 4_096;
/// Octets of a signature.
pub const SIGNATURE_OCTETS: usize = Signature::BYTE_SIZE;

const RECORD_TAG: &[u8] = b"sekimori audit mac 1\0";
const HEAD_TAG: &[u8] = b"sekimori audit head 1\0";

/// A store's key. Whoever has it can write records that fit.
#[derive(Clone)]
pub struct AuditKey {
    mac_key: [u8; 32],
    /// The keyed state, so that the key is not worked in anew for each record.
    mac: Hmac<Sha256>,
    signing: SigningKey,
}

/// The public half: enough to check checkpoints, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPublicKey(VerifyingKey);

/// The newest record of a chain, as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its place in the store.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
}

impl AuditKey {
    /// A key of 64 random octets.
    pub fn from_random(octets: &[u8; 64]) -> Self {
        let (mac_key, seed) = octets.split_at(32);
        let half = |part: &[u8]| <[u8; 32]>::try_from(part).unwrap_or_default();
        Self::new(half(mac_key), half(seed))
    }

    fn new(mac_key: [u8; 32], seed: [u8; 32]) -> Self {
        Self {
            // HMAC takes keys of every length, so that the second is never made.
            mac: Hmac::new_from_slice(&mac_key).unwrap_or_else(|_| Hmac::new(&[0; 64].into())),
            mac_key,
            signing: SigningKey::from_bytes(&seed),
        }
    }

    /// The text of the key file.
    pub fn to_text(&self) -> String {
        let sign = to_hex(&self.signing.to_bytes());
        format!("{SECRET_TITLE}\nmac {}\nsign {sign}\n", to_hex(&self.mac_key))
    }

    /// Reads the text of a key file. `None` when it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim_end);
        if lines.next()? != SECRET_TITLE {
            return None;
        }
        let mac_key = from_hex(lines.next()?.strip_prefix("mac ")?)?;
        let seed = from_hex(lines.next()?.strip_prefix("sign ")?)?;
        lines.all(str::is_empty).then(|| Self::new(mac_key, seed))
    }

    /// The public half.
    pub fn public(&self) -> AuditPublicKey {
        AuditPublicKey(self.signing.verifying_key())
    }

    /// The keyed hash (HMAC-SHA-256) over a record's hash.
    pub fn mac(&self, hash: &Hash) -> Hash {
        self.record_hmac(hash).finalize().into_bytes().into()
    }

    /// Whether `mac` is the one over a record's hash, in constant time.
    pub fn mac_fits(&self, hash: &Hash, mac: &[u8]) -> bool {
        self.record_hmac(hash).verify_slice(mac).is_ok()
    }

    /// The keyed hash (HMAC-SHA-256) over the head of a chain.
    pub fn head_mac(&self, chain: Option<&[u8]>, head: &Head) -> Hash {
        self.head_hmac(chain, head).finalize().into_bytes().into()
    }

    /// Whether `mac` is the one over the head of a chain, in constant time.
    pub fn head_fits(&self, chain: Option<&[u8]>, head: &Head, mac: &[u8]) -> bool {
        self.head_hmac(chain, head).verify_slice(mac).is_ok()
    }

    /// Signs octets that begin with a tag of their own.
    pub(super) fn sign(&self, octets: &[u8]) -> [u8; SIGNATURE_OCTETS] {
        self.signing.sign(octets).to_bytes()
    }

    fn record_hmac(&self, hash: &Hash) -> Hmac<Sha256> {
        self.mac.clone().chain_update(RECORD_TAG).chain_update(hash)
    }

    fn head_hmac(&self, chain: Option<&[u8]>, head: &Head) -> Hmac<Sha256> {
        self.mac
            .clone()
            .chain_update(HEAD_TAG)
            .chain_update(head.number.to_be_bytes())
            .chain_update(head.sequence.to_be_bytes())
            .chain_update(head.hash)
            .chain_update([u8::from(chain.is_some())])
            .chain_update(chain.unwrap_or_default())
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditKey(secret, public {})", self.public())
    }
}

impl AuditPublicKey {
    /// The text of a file with the public key.
    pub fn to_text(&self) -> String {
        format!("{PUBLIC_TITLE}\ned25519 {self}\n")
    }

    /// Reads the text of such a file. `None` when it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim_end);
        if lines.next()? != PUBLIC_TITLE {
            return None;
        }
        let octets = from_hex(lines.next()?.strip_prefix("ed25519 ")?)?;
        if !lines.all(str::is_empty) {
            return None;
        }
        Self::from_octets(&octets)
    }

    /// From its 32 octets.
    pub fn from_octets(octets: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(octets).ok().map(Self)
    }

    /// Its 32 octets.
    pub fn octets(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether a signature over `octets` is by this key's other half.
    pub(super) fn verifies(&self, octets: &[u8], signature: &[u8; SIGNATURE_OCTETS]) -> bool {
        self.0.verify_strict(octets, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.octets()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AuditKey {
        AuditKey::from_random(&[7; 64])
    }

    #[test]
    fn keys_read_back_from_their_files() {
        let text = key().to_text();
        assert_eq!(AuditKey::from_text(&text).unwrap().to_text(), text);
        let public = key().public();
        assert_eq!(AuditPublicKey::from_text(&public.to_text()), Some(public.clone()));
        assert!(AuditKey::from_text(&public.to_text()).is_none());
        assert_eq!(AuditPublicKey::from_text(&text), None);
        for cut in 0..text.len() - 1 {
            assert!(AuditKey::from_text(&text[..cut]).is_none(), "{cut}");
        }
        assert!(AuditKey::from_text(&format!("{text}more")).is_none());
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        let printed = format!("{:?}", key());
        assert!(!printed.contains(&to_hex(&[7; 8])), "{printed}");
    }

    #[test]
    fn macs_fit_what_they_were_made_for_alone() {
        let key = key();
        let mac = key.mac(&[1; 32]);
        assert!(key.mac_fits(&[1; 32], &mac));
        assert!(!key.mac_fits(&[2; 32], &mac) && !key.mac_fits(&[1; 32], &mac[..31]));
        let other = AuditKey::from_random(&[8; 64]);
        assert!(!other.mac_fits(&[1; 32], &mac));
        let head = Head { number: 3, sequence: 5, hash: [1; 32] };
        let mac = key.head_mac(Some(b"a"), &head);
        assert!(key.head_fits(Some(b"a"), &head, &mac));
        for wrong in [Head { number: 2, ..head }, Head { sequence: 6, ..head }] {
            assert!(!key.head_fits(Some(b"a"), &wrong, &mac));
        }
        assert!(!key.head_fits(None, &head, &mac) && !key.head_fits(Some(b""), &head, &mac));
    }
}
