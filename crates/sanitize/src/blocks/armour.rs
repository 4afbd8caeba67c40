//! PEM and PGP armour (RFC 7468, RFC 4880 section 6.2). The text of a clear-signed PGP message is
//! text; its signature is armour.

use super::{Block, Found, unquoted};

/// Header lines that armour may have.
const MAX_HEADER_LINES: usize = 20;

pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let label = unquoted(lines.first()?).strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    if label == "PGP SIGNED MESSAGE" {
        return None;
    }
    let mut count = 1;
    let mut has_data = false;
    for (at, line) in lines.iter().map(|line| unquoted(line)).enumerate().skip(1) {
        if line.starts_with("-----END ") {
            count += 1;
            break;
        }
        let is_header = at <= MAX_HEADER_LINES && line.is_ascii() && line.contains(": ");
        if !(line.is_empty() || is_header || is_base64(line)) {
            break;
        }
        has_data |= line.bytes().any(|b| b.is_ascii_alphanumeric());
        count += 1;
    }
    let taken = lines.get(..count)?;
    let form =
        if label == "PGP MESSAGE" { super::ENCRYPTED_ARMOUR } else { "application/x-armour" };
    has_data.then(|| Found {
        lines: count,
        block: Block { name: None, form, octets: taken.join("\n").into_bytes() },
    })
}

fn is_base64(line: &str) -> bool {
    line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}
