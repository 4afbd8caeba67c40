//! The message being received: one buffer with CRLF as its only line end, bounded, or the reason
//! why it will be refused.

use crate::{BareLineEnds, Reply};

/// Most octets that are reserved on a client's word alone.
const MAX_INITIAL_CAPACITY: usize = 1024 * 1024;
/// Octets reserved where the client announced nothing.
const DEFAULT_CAPACITY: usize = 16 * 1024;

/// Why a message will be refused at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Larger than the bound.
    TooLarge,
    /// A CR or LF that is not part of CRLF.
    BareLineEnd,
    /// The driver asked to drop it, with this reply.
    Discarded(Reply),
}

/// What has come of a message.
///
/// Invariant: `data.len() <= limit`, and CR and LF stand in `data` only as CRLF. So runs that are
/// pushed never end between the two: a CR is held back until it is known what follows.
#[derive(Debug)]
pub(crate) struct Content {
    data: Vec<u8>,
    limit: usize,
    line_ends: BareLineEnds,
    fault: Option<Fault>,
}

impl Content {
    /// An empty message of at most `limit` octets, of which `declared` are expected.
    pub(crate) fn new(limit: usize, line_ends: BareLineEnds, declared: Option<u64>) -> Self {
        let expected = declared
            .map_or(DEFAULT_CAPACITY, |octets| usize::try_from(octets).unwrap_or(usize::MAX));
        let capacity = expected.min(limit).min(MAX_INITIAL_CAPACITY);
        Self { data: Vec::with_capacity(capacity), limit, line_ends, fault: None }
    }

    /// Appends octets in which CR and LF stand only as CRLF.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        if self.fault.is_some() {
            return;
        }
        let needed = self.data.len().saturating_add(octets.len());
        if needed > self.limit {
            self.fail(Fault::TooLarge);
            return;
        }
        if needed > self.data.capacity() {
            // Doubling, yet never past the limit: a message holds at most `limit` octets of memory.
            let wanted = self.data.capacity().saturating_mul(2).clamp(needed, self.limit);
            self.data.reserve_exact(wanted - self.data.len());
        }
        self.data.extend_from_slice(octets);
    }

    /// Takes note of one bare CR or bare LF.
    pub(crate) fn bare_line_end(&mut self) {
        match self.line_ends {
            BareLineEnds::Normalise => self.push(b"\r\n"),
            BareLineEnds::Refuse if self.fault.is_none() => self.fail(Fault::BareLineEnd),
            BareLineEnds::Refuse => {}
        }
    }

    /// Frees what has come; the message will be refused for `fault`.
    pub(crate) fn fail(&mut self, fault: Fault) {
        self.data = Vec::new();
        self.fault = Some(fault);
    }

    /// Octets of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.data.capacity()
    }

    /// Whether the message will be refused.
    pub(crate) fn has_failed(&self) -> bool {
        self.fault.is_some()
    }

    /// The message, or why it is refused. A last line without a line end is given one, which only
    /// BDAT can leave open.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Fault> {
        if !self.data.is_empty() && !self.data.ends_with(b"\r\n") {
            self.push(b"\r\n");
        }
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.data),
        }
    }
}
