//! Octets as lower-case hexadecimal, the one form in which hashes and keys are written.

/// Octets in hexadecimal.
pub fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Exactly `N` octets from lower-case hexadecimal.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N.checked_mul(2)? {
        return None;
    }
    let mut octets = [0; N];
    for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *octet = digit(*high)? << 4 | digit(*low)?;
    }
    Some(octets)
}

fn digit(symbol: u8) -> Option<u8> {
    match symbol {
        b'0'..=b'9' => Some(symbol - b'0'),
        b'a'..=b'f' => Some(symbol - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_read_back_and_nothing_else_is_read() {
        assert_eq!(to_hex(&[0x00, 0xA1, 0xFF]), "00a1ff");
        assert_eq!(from_hex("00a1ff"), Some([0x00, 0xA1, 0xFF]));
        for text in ["00A1ff", "00a1f", "00a1fff", "00a1fg", "00a1ff00", "あ"] {
            assert_eq!(from_hex::<3>(text), None, "{text}");
        }
    }
}
