//! What a server offers.

/// The extensions of a server that a transaction uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeerExtensions {
    /// PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// SIZE (RFC 1870).
    pub size: bool,
    /// The largest message that SIZE declares; `None` where it declares none.
    pub max_size: Option<u64>,
    /// 8BITMIME (RFC 6152).
    pub eight_bit_mime: bool,
    /// SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
}

impl PeerExtensions {
    /// Reads the lines of an EHLO reply (without codes; the first is the greeting).
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let _ = lines;
        Self::default()
    }
}
