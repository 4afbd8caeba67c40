//! Compressed RTF ([MS-OXRTFCP]).

/// Octets of RTF that are unfolded; the rest is cut off. A compressed octet unfolds to nine at most.
pub(super) const MAX_TEXT: usize = 8 * 1024 * 1024;

const HEAD: usize = 16;
const COMPRESSED: &[u8] = b"LZFu";
const UNCOMPRESSED: &[u8] = b"MELA";
const DICTIONARY: usize = 4_096;
/// What the dictionary holds at first (section 2.1.2.1).
const FIRST: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
    \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
    \\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// The RTF, as far as it goes; `None` when this is none.
pub(super) fn unfold(octets: &[u8]) -> Option<Vec<u8>> {
    let (head, data) = octets.split_at_checked(HEAD)?;
    match head.get(8..12)? {
        UNCOMPRESSED => Some(data.get(..MAX_TEXT).unwrap_or(data).to_vec()),
        COMPRESSED => Some(Unfolding::new(data).run()),
        _ => None,
    }
}

struct Unfolding<'a> {
    data: std::slice::Iter<'a, u8>,
    dictionary: [u8; DICTIONARY],
    at: usize,
    out: Vec<u8>,
}

impl<'a> Unfolding<'a> {
    fn new(data: &'a [u8]) -> Self {
        let mut dictionary = [0; DICTIONARY];
        for (place, octet) in dictionary.iter_mut().zip(FIRST) {
            *place = *octet;
        }
        Self { data: data.iter(), dictionary, at: FIRST.len(), out: Vec::new() }
    }

    fn run(mut self) -> Vec<u8> {
        while self.out.len() < MAX_TEXT && self.tokens().is_some() {}
        self.out.truncate(MAX_TEXT);
        self.out
    }

    /// Eight tokens after the octet that says what they are; `None` at the end.
    fn tokens(&mut self) -> Option<()> {
        let kinds = *self.data.next()?;
        for bit in 0..8 {
            let first = *self.data.next()?;
            if kinds >> bit & 1 == 0 {
                self.put(first);
                continue;
            }
            let reference = u16::from_be_bytes([first, *self.data.next()?]);
            let from = usize::from(reference >> 4);
            if from == self.at {
                return None;
            }
            for place in from..from + usize::from(reference & 0x0F) + 2 {
                let octet = self.dictionary.get(place % DICTIONARY).copied().unwrap_or_default();
                self.put(octet);
            }
        }
        Some(())
    }

    fn put(&mut self, octet: u8) {
        if let Some(place) = self.dictionary.get_mut(self.at) {
            *place = octet;
        }
        self.at = (self.at + 1) % DICTIONARY;
        self.out.push(octet);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// RTF as compressed RTF that refers to nothing.
    pub(in crate::tnef) fn folded(rtf: &[u8]) -> Vec<u8> {
        let mut out = b"\0\0\0\0\0\0\0\0LZFu\0\0\0\0".to_vec();
        for eight in rtf.chunks(8) {
            out.push(0);
            out.extend_from_slice(eight);
        }
        out
    }

    #[test]
    fn the_dictionary_begins_as_the_document_says() {
        assert_eq!(FIRST.len(), 207);
    }

    #[test]
    fn the_example_of_the_document_unfolds() {
        // [MS-OXRTFCP] section 4.1.1.
        let folded =
            b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0\x72\x63\x70\x67\x31\x32\x35\
            \x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\0\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";
        let rtf = unfold(folded).unwrap();
        assert_eq!(
            rtf.escape_ascii().to_string(),
            "{\\\\rtf1\\\\ansi\\\\ansicpg1252\\\\pard hello world}\\r\\n"
        );
        // Section 4.2: a reference that overlaps what it writes.
        let folded =
            b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\
            \x01\x0e\xb0";
        assert_eq!(unfold(folded).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }

    #[test]
    fn what_is_cut_or_not_compressed_is_read_as_far_as_it_goes() {
        assert_eq!(unfold(&folded(b"{\\rtf1 0123456789}")).unwrap(), b"{\\rtf1 0123456789}");
        let mut cut = folded(b"{\\rtf1 0123456789}");
        cut.truncate(HEAD + 12);
        assert_eq!(unfold(&cut).unwrap(), b"{\\rtf1 012");
        assert_eq!(unfold(b"\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1}").unwrap(), b"{\\rtf1}");
        assert_eq!(unfold(b"\0\0\0\0\0\0\0\0ABCD\0\0\0\0{\\rtf1}"), None);
        assert_eq!(unfold(b"LZFu"), None);
    }

    #[test]
    fn a_bomb_unfolds_to_the_bound() {
        let mut bomb = b"\0\0\0\0\0\0\0\0LZFu\0\0\0\0".to_vec();
        let mut at = FIRST.len();
        for token in 0..MAX_TEXT / 16 {
            if token % 8 == 0 {
                bomb.push(0xFF);
            }
            // Anything but the place that is written next, which would be the end.
            let from: u16 = if at == 0 { 0x0010 } else { 0 };
            bomb.extend_from_slice(&(from << 4 | 0x0F).to_be_bytes());
            at = (at + 17) % DICTIONARY;
        }
        assert_eq!(unfold(&bomb).unwrap().len(), MAX_TEXT);
    }
}
