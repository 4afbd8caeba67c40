//! base64 (RFC 2045 section 6.8), decoded whatever stands in it.
//!
//! mail-parser 0.11.9 gives up at the first octet outside the alphabet, so this is our own. Exactly:
//! white space is passed over; other octets outside the alphabet are passed over and counted; `=`
//! ends a group, and what follows begins a new block; a group of two or three symbols that is not
//! padded gives the one or two octets that it determines; a single symbol gives none.

use super::EncodingFaults;

/// Marks an octet outside the alphabet.
const NO_SYMBOL: u8 = 0x80;

static SYMBOLS: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NO_SYMBOL; 256];
    let mut value = 0_u8;
    while value < 64 {
        #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
        {
            table[alphabet[value as usize] as usize] = value;
        }
        value += 1;
    }
    table
}

fn symbol(octet: u8) -> u32 {
    #[expect(clippy::indexing_slicing, reason = "an octet is below 256")]
    u32::from(SYMBOLS[usize::from(octet)])
}

/// The 24 bits of four symbols; none if one of the octets is outside the alphabet.
fn group(octets: [u8; 4]) -> Option<u32> {
    let [a, b, c, d] = octets.map(symbol);
    let valid = (a | b | c | d) & u32::from(NO_SYMBOL) == 0;
    valid.then_some(a << 18 | b << 12 | c << 6 | d)
}

/// Decodes `encoded`.
pub(crate) fn decode(encoded: &[u8]) -> (Vec<u8>, EncodingFaults) {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3 + 3);
    let mut faults = EncodingFaults::default();
    let mut quantum = Quantum::default();
    let mut padded = false;
    let mut rest = encoded;
    while !rest.is_empty() {
        if quantum.symbols == 0 && !padded {
            rest = decode_groups(rest, &mut decoded);
        }
        let Some((&octet, tail)) = rest.split_first() else {
            break;
        };
        rest = tail;
        match octet {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'=' => {
                // The second of two `=` finds the group ended already.
                if quantum.symbols == 0 && !padded {
                    faults.junk += 1;
                }
                faults.truncated |= quantum.symbols == 1;
                quantum.flush(&mut decoded);
                padded = true;
            }
            _ if symbol(octet) == u32::from(NO_SYMBOL) => faults.junk += 1,
            _ => {
                if padded {
                    faults.after_padding += 1;
                    padded = false;
                }
                quantum.push(symbol(octet), &mut decoded);
            }
        }
    }
    faults.truncated |= quantum.symbols != 0;
    quantum.flush(&mut decoded);
    (decoded, faults)
}

/// Decodes whole groups as long as they hold nothing but symbols, eight octets at a time.
fn decode_groups<'e>(encoded: &'e [u8], decoded: &mut Vec<u8>) -> &'e [u8] {
    let mut rest = encoded;
    while let [a, b, c, d, e, f, g, h, tail @ ..] = rest {
        let (Some(first), Some(second)) = (group([*a, *b, *c, *d]), group([*e, *f, *g, *h])) else {
            break;
        };
        let bits = u64::from(first) << 40 | u64::from(second) << 16;
        let [octets @ .., _, _] = bits.to_be_bytes();
        decoded.extend_from_slice(&octets);
        rest = tail;
    }
    while let [a, b, c, d, tail @ ..] = rest {
        let Some(bits) = group([*a, *b, *c, *d]) else {
            break;
        };
        let [_, octets @ ..] = bits.to_be_bytes();
        decoded.extend_from_slice(&octets);
        rest = tail;
    }
    rest
}

/// The symbols of a group that is not whole yet: at most three.
#[derive(Default)]
struct Quantum {
    bits: u32,
    symbols: u8,
}

impl Quantum {
    fn push(&mut self, symbol: u32, decoded: &mut Vec<u8>) {
        self.bits = self.bits << 6 | symbol;
        self.symbols += 1;
        if self.symbols == 4 {
            let [_, octets @ ..] = self.bits.to_be_bytes();
            decoded.extend_from_slice(&octets);
            *self = Self::default();
        }
    }

    fn flush(&mut self, decoded: &mut Vec<u8>) {
        let missing = 4 - u32::from(self.symbols);
        let [_, first, second, _] = (self.bits << (6 * missing)).to_be_bytes();
        match self.symbols {
            2 => decoded.push(first),
            3 => decoded.extend_from_slice(&[first, second]),
            _ => {}
        }
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(octets: &[u8]) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        octets
            .chunks(3)
            .flat_map(|chunk| {
                let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
                let bits = at(0) << 16 | at(1) << 8 | at(2);
                [18, 12, 6, 0].into_iter().enumerate().map(move |(n, shift)| {
                    if n <= chunk.len() {
                        char::from(alphabet[(bits >> shift & 63) as usize])
                    } else {
                        '='
                    }
                })
            })
            .collect()
    }

    #[test]
    fn what_stands_in_the_way_is_passed_over_and_counted() {
        let none = EncodingFaults::default();
        for (encoded, decoded, faults) in [
            ("", "", none),
            ("QUJD", "ABC", none),
            ("QUJDRA==", "ABCD", none),
            ("QUJDREU=\r\n", "ABCDE", none),
            ("Q U\tJ\r\nD", "ABC", none),
            ("Q-UJ!D", "ABC", EncodingFaults { junk: 2, ..none }),
            ("QUJDRA", "ABCD", EncodingFaults { truncated: true, ..none }),
            ("QUJDR", "ABC", EncodingFaults { truncated: true, ..none }),
            ("QUI=QUI=QUJD", "ABABABC", EncodingFaults { after_padding: 2, ..none }),
            ("QUI=\r\nQUI=", "ABAB", EncodingFaults { after_padding: 1, ..none }),
            ("QQ==!!QQ==", "AA", EncodingFaults { junk: 2, after_padding: 1, ..none }),
            ("=QUJD", "ABC", EncodingFaults { junk: 1, after_padding: 1, ..none }),
            ("Q===QUJD", "ABC", EncodingFaults { truncated: true, after_padding: 1, ..none }),
        ] {
            assert_eq!(decode(encoded.as_bytes()), (decoded.into(), faults), "{encoded:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back_however_its_lines_are_cut(
            octets in prop::collection::vec(any::<u8>(), 0..200),
            width in 1_usize..90,
        ) {
            let encoded = encode(&octets);
            let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
            prop_assert_eq!(decode(&lines.join(&b"\r\n"[..])), (octets, EncodingFaults::default()));
        }
    }
}
