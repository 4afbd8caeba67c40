//! The lexical tokens of structured MIME fields (RFC 2045 section 5.1), read leniently.
//!
//! One pass, no recursion: comments nest by a counter. Raw ISO-2022-JP and `Shift_JIS`, which
//! Japanese senders put into quoted-strings, hold octets that look like `"`, `\` and `;`: a run
//! between JIS escapes is taken whole, and the second octet of a `Shift_JIS` pair is no backslash.

use std::borrow::Cow;

/// A value in quotes or without.
pub(crate) struct Value<'a> {
    /// The octets without quotes, escapes and line ends.
    pub(crate) octets: Cow<'a, [u8]>,
    /// Whether readers could disagree on them: escapes, folds or text without quotes that ends at
    /// the first space for some.
    pub(crate) unsure: bool,
    /// Whether a closing quote is missing.
    pub(crate) unclosed: bool,
}

pub(crate) struct Lexer<'a> {
    rest: &'a [u8],
    shift_jis: bool,
    jis_ends: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(value: &'a [u8]) -> Self {
        Self { rest: value, shift_jis: std::str::from_utf8(value).is_err(), jis_ends: true }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes one octet if it is `octet`.
    pub(crate) fn take(&mut self, octet: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == octet => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn advance(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// Passes over white space, line ends and comments. Says whether there was a comment.
    pub(crate) fn skip_cfws(&mut self) -> bool {
        let mut comment = false;
        loop {
            let blanks = self.rest.iter().take_while(|b| is_space(**b)).count();
            self.advance(blanks);
            if self.peek() != Some(b'(') {
                return comment;
            }
            comment = true;
            self.skip_comment();
        }
    }

    fn skip_comment(&mut self) {
        let mut depth = 0_usize;
        let mut escaped = false;
        let mut length = 0;
        for &octet in self.rest {
            length += 1;
            match octet {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        self.advance(length);
    }

    /// A token of RFC 2045 section 5.1; empty if there is none.
    pub(crate) fn token(&mut self) -> &'a [u8] {
        let length = self.rest.iter().take_while(|b| is_token(**b)).count();
        self.advance(length)
    }

    /// The value of a parameter. Without quotes it ends at white space, a comment or `;`, or with
    /// `whole` only at `;`.
    pub(crate) fn value(&mut self, whole: bool) -> Value<'a> {
        if self.take(b'"') {
            return self.quoted();
        }
        let mut length = 0;
        while let Some(&octet) = self.rest.get(length) {
            if octet == b';' || (!whole && (is_space(octet) || octet == b'(')) {
                break;
            }
            length += self.jis_run(length).unwrap_or(1);
        }
        let octets = self.advance(length).trim_ascii_end();
        Value {
            octets: Cow::Borrowed(octets),
            unsure: octets.iter().any(|b| is_space(*b) || matches!(b, b'"' | b'\\')),
            unclosed: false,
        }
    }

    fn quoted(&mut self) -> Value<'a> {
        let mut octets = Vec::new();
        let (mut unsure, mut lead) = (false, false);
        let mut at = 0;
        while let Some(&octet) = self.rest.get(at) {
            if let Some(run) = self.jis_run(at) {
                octets.extend_from_slice(self.rest.get(at..at + run).unwrap_or_default());
                at += run;
                continue;
            }
            at += 1;
            match octet {
                b'"' => {
                    self.advance(at);
                    return Value { octets: Cow::Owned(octets), unsure, unclosed: false };
                }
                b'\\' if !lead => {
                    unsure = true;
                    octets.extend(self.rest.get(at));
                    at += 1;
                }
                b'\r' | b'\n' => unsure = true,
                _ => octets.push(octet),
            }
            lead = self.shift_jis && !lead && matches!(octet, 0x81..=0x9F | 0xE0..=0xFC);
        }
        self.advance(at);
        Value { octets: Cow::Owned(octets), unsure: true, unclosed: true }
    }

    /// The length of a run `ESC $ … ESC (` at `at`. A missing end is looked for once only.
    fn jis_run(&mut self, at: usize) -> Option<usize> {
        let run = self.rest.get(at..)?;
        if !self.jis_ends || !run.starts_with(b"\x1b$") {
            return None;
        }
        let end = memchr::memmem::find(run, b"\x1b(");
        self.jis_ends = end.is_some();
        // The escape back is three octets: ESC ( B.
        end.map(|e| (e + 3).min(run.len()))
    }

    /// Passes over everything up to the next `;` outside quotes.
    pub(crate) fn skip_to_semicolon(&mut self) {
        while let Some(octet) = self.peek() {
            match octet {
                b';' => return,
                b'"' => {
                    self.take(b'"');
                    self.quoted();
                }
                b'(' => self.skip_comment(),
                _ => {
                    self.advance(1);
                }
            }
        }
    }
}

/// White space of a header field, line ends of its folds included.
pub(crate) fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_token(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&octet)
}
