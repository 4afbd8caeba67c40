//! What people prove by who they are.

use std::fmt;

use sekimori_policy::Timestamp;

/// Longest data of one session, in octets.
pub const MAX_SESSION_OCTETS: usize = 16 * 1024;
/// Most sessions kept; one more ends the one whose time is over first.
pub const MAX_SESSIONS: i64 = 20_000;
/// Longest hash of a password, in octets.
pub const MAX_PASSWORD_HASH_OCTETS: usize = 1_000;
/// Longest shared secret of a second factor, in octets.
pub const MAX_SECRET_OCTETS: usize = 256;
/// Most recovery codes of an account.
pub const MAX_RECOVERY_CODES: usize = 100;
/// Longest issuer and longest subject of an identity provider, in octets of UTF-8.
pub const MAX_SUBJECT_OCTETS: usize = 1_000;

/// What an account proves itself by. Its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The password's hash as a PHC string (argon2id).
    pub password_hash: Option<String>,
    /// Whether the password must be changed at the next sign-in.
    pub password_is_temporary: bool,
    /// The shared secret of the second factor (RFC 6238).
    pub totp_secret: Option<Vec<u8>>,
    /// SHA-256 of recovery codes not yet used.
    pub recovery_hashes: Vec<[u8; 32]>,
    /// Issuer and subject of an identity provider (`OpenID` Connect).
    pub subject: Option<(String, String)>,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// Until when signing in is refused.
    pub locked_until: Option<Timestamp>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("failures", &self.failures).finish_non_exhaustive()
    }
}

/// What came of an attempt to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The person is signed in: failures count from 0 again.
    Succeeded,
    /// The password, the second factor or the account was wrong; `locked_until` when this failure
    /// locks the account.
    Failed {
        /// Until when signing in is refused from now on.
        locked_until: Option<Timestamp>,
    },
    /// The person signed out.
    SignedOut,
}
