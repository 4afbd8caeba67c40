//! The chains that audit records are in, so that what is changed, removed or put in shows.
//!
//! Each organisation's records are a chain of their own, and so are those of no organisation. A
//! record has its number within its chain, from 1 without gaps, and a hash over the hash before it
//! and all of its fields ([`record`]). Three things hold a chain in place:
//! - a keyed hash (HMAC-SHA-256) over each hash, and over the chain's head in the store: who changes records without
//!   the key cannot make them fit ([`key`]);
//! - checkpoints, signed at intervals, which name a chain's newest number and hash ([`checkpoint`]):
//!   whoever has the public key can check them, and whoever has them sees when an end was cut off;
//! - copies of the checkpoints elsewhere, in a file and at a syslog server.
//!
//! [`export`] is the form in which records leave the store and can be checked without it;
//! [`verifier`] does the checking, of a store and of an export alike, in memory that grows with the
//! number of chains alone. It expects records and checkpoints in the order of their sequence.

pub mod checkpoint;
pub mod export;
pub mod fault;
pub mod hexadecimal;
pub mod key;
pub mod lines;
pub mod merge;
pub mod record;
pub mod verifier;

#[cfg(test)]
mod tests;

/// Octets of a hash and of a keyed hash.
pub const HASH_OCTETS: usize = 32;
/// A hash of a record: SHA-256.
pub type Hash = [u8; HASH_OCTETS];
/// The hash before the first record of a chain.
pub const START: Hash = [0; HASH_OCTETS];
