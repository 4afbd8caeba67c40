//! Bounds of sanitizing one message. Over one of them the message is held with the bound's code,
//! or, where noted, cut with a decision.

use serde::{Deserialize, Serialize};

/// Bounds on the work that one message may cause. Each has a default that mail in use stays far under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Nested multiparts and forwarded messages. Deeper: held (`hold-depth`).
    pub depth: usize,
    /// Parts in all. More: held (`hold-parts`).
    pub parts: usize,
    /// Header fields of one part. More: held (`hold-header`).
    pub header_fields: usize,
    /// Octets of one header section. More: held (`hold-header`).
    pub header_octets: usize,
    /// Addresses shown in one header field. More are cut with `addresses-cut`.
    pub addresses: usize,
    /// Octets of UTF-8 text that cross. More is cut with `text-cut`, said in the notice.
    pub text_octets: usize,
    /// Octets of HTML laid out in one part. More: held (`hold-html`).
    pub html_octets: usize,
    /// Nested HTML elements laid out; deeper ones are flattened with `html-flattened`. Above some
    /// 500 the layout library slows down, so this has a ceiling of [`Limits::MAX_HTML_DEPTH`].
    pub html_depth: usize,
    /// Removed parts named in the notice; all are counted, recorded and kept.
    pub listed_parts: usize,
    /// Characters per thousand that could not be decoded, above which the message is held
    /// (`hold-charset`).
    pub undecodable_per_mille: u32,
}

impl Limits {
    /// The deepest HTML that is ever laid out: the layout library is quick under 512.
    pub const MAX_HTML_DEPTH: usize = 400;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 50,
            parts: 2_000,
            header_fields: 1_000,
            header_octets: 256 * 1024,
            addresses: 500,
            text_octets: 1024 * 1024,
            html_octets: 4 * 1024 * 1024,
            html_depth: 200,
            listed_parts: 50,
            undecodable_per_mille: 100,
        }
    }
}
