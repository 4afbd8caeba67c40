//! uuencoded data as x-uuencode has it: lines between `begin` and `end`, each with its length first.

use super::EncodingFaults;

/// Decodes every block in `encoded`. Lines outside a block are passed over and counted as junk,
/// blank ones not.
pub(crate) fn decode(encoded: &[u8]) -> (Vec<u8>, EncodingFaults) {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3);
    let mut faults = EncodingFaults::default();
    let mut inside = false;
    for line in encoded.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if inside {
            if line == b"end" {
                inside = false;
            } else {
                decode_line(line, &mut decoded, &mut faults);
            }
        } else if line.starts_with(b"begin ") {
            inside = true;
        } else {
            faults.junk += line.trim_ascii().len() as u64;
        }
    }
    faults.truncated |= inside;
    (decoded, faults)
}

fn decode_line(line: &[u8], decoded: &mut Vec<u8>, faults: &mut EncodingFaults) {
    let Some((length, symbols)) = line.split_first() else {
        return;
    };
    let Some(length) = value(*length) else {
        faults.junk += line.len() as u64;
        return;
    };
    let before = decoded.len();
    let wanted = before + length as usize;
    for group in symbols.chunks(4) {
        if decoded.len() >= wanted {
            break;
        }
        // Blanks at the end of a line get lost on the way: they stand for zero.
        let bits = (0..4).fold(0, |bits, at| {
            let symbol = group.get(at).copied().unwrap_or(b' ');
            bits << 6
                | value(symbol).unwrap_or_else(|| {
                    faults.junk += 1;
                    0
                })
        });
        let [_, octets @ ..] = bits.to_be_bytes();
        decoded.extend_from_slice(&octets);
    }
    faults.truncated |= decoded.len() < wanted;
    decoded.truncate(wanted);
}

/// The six bits of a symbol: a space or a backquote is zero.
fn value(symbol: u8) -> Option<u32> {
    matches!(symbol, b' '..=b'`').then(|| u32::from(symbol - b' ') & 0x3F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_decoded_and_what_is_around_them_is_counted() {
        let none = EncodingFaults::default();
        for (encoded, decoded, faults) in [
            ("begin 644 cat.txt\n#0V%T\n`\nend\n", "Cat", none),
            ("begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", "Cat", none),
            (
                "text\nbegin 644 x\n#0V%T\n`\nend\nbegin 1 y\n#0V%T\nend",
                "CatCat",
                EncodingFaults { junk: 4, ..none },
            ),
            ("begin 644 x\n#0V%T\n", "Cat", EncodingFaults { truncated: true, ..none }),
            ("begin 644 x\n)0V%T\nend", "Cat", EncodingFaults { truncated: true, ..none }),
            ("begin 644 x\n#0V%~\nend", "Ca@", EncodingFaults { junk: 1, ..none }),
            ("", "", none),
        ] {
            assert_eq!(decode(encoded.as_bytes()), (decoded.into(), faults), "{encoded:?}");
        }
    }
}
