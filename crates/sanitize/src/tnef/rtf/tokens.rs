//! RTF taken apart: groups, control words and symbols, octets of text.

/// Letters of a control word that are looked at; longer ones are none that is known.
const MAX_WORD: usize = 32;
/// Digits of its number.
const MAX_DIGITS: usize = 10;

/// One thing that stands in RTF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    Word {
        name: &'a str,
        number: Option<i32>,
    },
    /// `\*`.
    Optional,
    /// An octet of text in some code page.
    Octet(u8),
    /// What a control symbol stands for.
    Character(char),
    /// A control symbol that stands for nothing that is shown.
    Nothing,
}

/// The tokens in order. Binary data is passed over.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(rtf: &'a [u8]) -> Self {
        Self { rest: rtf }
    }

    fn advance(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// What stands after a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let &first = self.rest.first()?;
        if first.is_ascii_alphabetic() {
            return Some(self.word());
        }
        self.advance(1);
        Some(match first {
            b'\'' => {
                let digit = |at: usize| self.rest.get(at).and_then(|&b| char::from(b).to_digit(16));
                let octet = digit(0).zip(digit(1)).and_then(|(h, l)| u8::try_from(h << 4 | l).ok());
                self.advance(if octet.is_some() { 2 } else { 0 });
                Token::Octet(octet.unwrap_or(b'?'))
            }
            b'*' => Token::Optional,
            b'~' => Token::Character('\u{A0}'),
            b'_' => Token::Character('-'),
            b'\r' | b'\n' => Token::Character('\n'),
            b'\t' => Token::Character('\t'),
            b'\\' | b'{' | b'}' => Token::Octet(first),
            // An optional hyphen and the like: nothing is shown.
            _ => Token::Nothing,
        })
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let name = self.rest.get(..letters.min(MAX_WORD)).unwrap_or_default();
        let name = str::from_utf8(name).unwrap_or_default();
        self.advance(letters);
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let digits = self.rest.iter().skip(sign).take_while(|b| b.is_ascii_digit()).count();
        let mut number = None;
        if digits > 0 {
            let text = self.rest.get(..sign + digits.min(MAX_DIGITS)).unwrap_or_default();
            number = str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
            self.advance(sign + digits);
        }
        if self.rest.first() == Some(&b' ') {
            self.advance(1);
        }
        let limit = |n: i64| n.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        let number = number.and_then(|n| i32::try_from(limit(n)).ok());
        if name == "bin" {
            self.advance(usize::try_from(number.unwrap_or_default()).unwrap_or_default());
        }
        Token::Word { name, number }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            self.rest = rest;
            return Some(match first {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\\' => self.control()?,
                b'\r' | b'\n' | 0 => continue,
                _ => Token::Octet(first),
            });
        }
    }
}
