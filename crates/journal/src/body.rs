//! A body in the form it is stored in.

use std::fmt;

/// Level of compression. See [`Body::compress`].
pub const COMPRESSION_LEVEL: i32 = 1;

/// A compressed body. Cheap to clone: the octets are shared.
#[derive(Clone)]
pub struct Body {
    stored: std::sync::Arc<[u8]>,
    plain: u64,
}

impl Body {
    /// Compresses `octets`. Meant for the threads that sanitize, so that the journal's one writer
    /// has only to append.
    pub fn compress(octets: &[u8]) -> Self {
        let stored = zstd::bulk::compress(octets, COMPRESSION_LEVEL).unwrap_or_default();
        Self {
            stored: stored.into(),
            plain: octets.len() as u64,
        }
    }

    /// Octets before compression.
    pub fn plain_octets(&self) -> u64 {
        self.plain
    }

    /// Octets as stored.
    pub fn stored_octets(&self) -> u64 {
        self.stored.len() as u64
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} of {} octets)", self.stored.len(), self.plain)
    }
}
