//! Content transfer encodings of a body (RFC 2045 section 6).

/// Longest line in octets without its CRLF that 7bit may have (RFC 5322 section 2.1.1).
const LONGEST_LINE: usize = 998;
/// Longest line of quoted-printable and base64 (RFC 2045 sections 6.7 and 6.8).
const ENCODED_LINE: usize = 76;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransferEncoding {
    /// ASCII as it is.
    SevenBit,
    /// Mostly ASCII.
    QuotedPrintable,
    /// Anything.
    Base64,
}

impl TransferEncoding {
    /// 7bit for ASCII whose lines fit; otherwise the shorter of the two others.
    pub(crate) fn for_text(text: &str) -> Self {
        let is_short = || text.split('\n').all(|line| line.len() <= LONGEST_LINE);
        if text.is_ascii() && is_short() {
            return Self::SevenBit;
        }
        let escaped = text.bytes().filter(|&b| !is_literal(b)).map(|_| 1).sum::<usize>();
        let quoted = text.len() + 2 * escaped;
        if quoted <= text.len().div_ceil(3) * 4 { Self::QuotedPrintable } else { Self::Base64 }
    }

    /// The name in `Content-Transfer-Encoding`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }

    /// Writes `text`, whose lines end in LF, with a line end after its last line. Empty text is
    /// nothing.
    pub(crate) fn write(self, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        match self {
            Self::SevenBit => lines.for_each(|line| {
                out.extend_from_slice(line.as_bytes());
                out.extend_from_slice(b"\r\n");
            }),
            Self::QuotedPrintable => lines.for_each(|line| write_quoted_line(line, out)),
            Self::Base64 => {
                let mut octets = Vec::with_capacity(text.len() + text.len() / 16 + 2);
                lines.for_each(|line| {
                    octets.extend_from_slice(line.as_bytes());
                    octets.extend_from_slice(b"\r\n");
                });
                out.reserve(octets.len() / 3 * 4 + octets.len() / 27 + 8);
                // Whole lines at once: a push for each group costs more than the encoding.
                let (lines, rest) = octets.as_chunks::<{ ENCODED_LINE / 4 * 3 }>();
                for line in lines {
                    let mut encoded = [0; ENCODED_LINE];
                    let (places, _) = encoded.as_chunks_mut::<4>();
                    base64_groups(line).zip(places).for_each(|(group, place)| *place = group);
                    out.extend_from_slice(&encoded);
                    out.extend_from_slice(b"\r\n");
                }
                if !rest.is_empty() {
                    base64_groups(rest).for_each(|group| out.extend_from_slice(&group));
                    out.extend_from_slice(b"\r\n");
                }
            }
        }
    }
}

/// Whether quoted-printable has `b` as itself, line ends and spaces at them aside.
fn is_literal(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | b' '..=b'<' | b'>'..=b'~')
}

fn write_quoted_line(line: &str, out: &mut Vec<u8>) {
    let mut column = 0;
    let last = line.len().saturating_sub(1);
    for (at, b) in line.bytes().enumerate() {
        let as_itself = is_literal(b) && !(at == last && matches!(b, b' ' | b'\t'));
        let width = if as_itself { 1 } else { 3 };
        if column + width >= ENCODED_LINE {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if as_itself {
            out.push(b);
        } else {
            out.extend_from_slice(&escaped(b));
        }
        column += width;
    }
    out.extend_from_slice(b"\r\n");
}

/// `=` and two hexadecimal digits in upper case.
pub(crate) fn escaped(b: u8) -> [u8; 3] {
    let digit = |nibble: u8| {
        if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) }
    };
    [b'=', digit(b >> 4), digit(b & 15)]
}

const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The Base64 symbols of `octets` with padding (RFC 4648 section 4), in groups of four.
pub(crate) fn base64_groups(octets: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    let (whole, rest) = octets.as_chunks::<3>();
    let last = match *rest {
        [a] => {
            let [first, second, ..] = symbols([a, 0, 0]);
            Some([first, second, b'=', b'='])
        }
        [a, b] => {
            let [first, second, third, _] = symbols([a, b, 0]);
            Some([first, second, third, b'='])
        }
        _ => None,
    };
    whole.iter().map(|&group| symbols(group)).chain(last)
}

fn symbols([a, b, c]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, a, b, c]);
    [18, 12, 6, 0].map(|shift| {
        let at = usize::try_from((bits >> shift) & 63).unwrap_or_default();
        SYMBOLS.get(at).copied().unwrap_or_default()
    })
}
