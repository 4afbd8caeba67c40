//! How long messages are kept, and what giving space back came to.

/// What bounds the store beside each message's own `keep_until`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Most octets of stored bodies, compressed. Over it the oldest messages that are done go
    /// first, even before their time. `None` for no bound.
    pub max_total_octets: Option<u64>,
}

/// What one call of expiry removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Messages removed because their time had come.
    pub by_age: u64,
    /// Messages removed because the store was over its size.
    pub by_size: u64,
    /// Octets of stored bodies that nothing refers to any more. Compaction gives them back.
    pub octets: u64,
}

/// What one call of compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Segment files removed.
    pub segments: u64,
    /// Octets of live bodies copied to the newest segment.
    pub copied_octets: u64,
    /// Octets of segment files given back, less those copied.
    pub freed_octets: u64,
}
