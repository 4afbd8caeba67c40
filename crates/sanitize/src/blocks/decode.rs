//! Blocks back into octets, as far as they go: to tell what was removed, never to show it.

/// The octets of base64 or base64url; what is no symbol is passed over.
pub(super) fn base64(symbols: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(symbols.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in symbols.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., octet] = (bits >> count).to_be_bytes();
            octets.push(octet);
        }
    }
    octets
}

/// Adds the octets of one line of uuencoded data. False, and nothing added, when it is none: the
/// first character gives the length, and no character is outside of space to backquote. Spaces at
/// its end may be missing.
pub(super) fn uuencoded_line(line: &str, octets: &mut Vec<u8>) -> bool {
    let Some((&first, data)) = line.as_bytes().split_first() else { return false };
    let length = usize::from(first.wrapping_sub(b' ') & 63);
    let symbols = length.div_ceil(3) * 4;
    // A checksum may follow the data.
    let is_data = line.bytes().all(|b| matches!(b, b' '..=b'`')) && data.len() <= symbols + 2;
    let is_whole = data.len() + 16 >= symbols || data.len() * 2 >= symbols;
    if !is_data || !is_whole {
        return false;
    }
    let kept = octets.len() + length;
    let six = |at: usize| u32::from(data.get(at).copied().unwrap_or(b' ').wrapping_sub(b' ') & 63);
    for at in (0..symbols).step_by(4) {
        let bits = six(at) << 18 | six(at + 1) << 12 | six(at + 2) << 6 | six(at + 3);
        let [_, group @ ..] = bits.to_be_bytes();
        octets.extend_from_slice(&group);
    }
    octets.truncate(kept);
    true
}

/// The octets of pairs of hexadecimal digits; what is none is passed over.
pub(super) fn hexadecimal(digits: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for digit in digits.chars().filter_map(|c| c.to_digit(16)) {
        let digit = u8::try_from(digit).unwrap_or_default();
        match high.take() {
            Some(high) => octets.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    octets
}

/// The octets of base32 (RFC 4648 section 6); what is no symbol is passed over.
pub(super) fn base32(symbols: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(symbols.len() / 8 * 5);
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in symbols.bytes() {
        let value = match symbol.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => continue,
        };
        bits = (bits << 5 | u32::from(value)) & 0xFFFF;
        count += 5;
        if count >= 8 {
            count -= 8;
            let [.., octet] = (bits >> count).to_be_bytes();
            octets.push(octet);
        }
    }
    octets
}
