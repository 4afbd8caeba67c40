//! Structured header fields (RFC 5322 section 3.2): phrases, and whole values for an address parser.

use crate::decoded::{Decoded, Reading};
use crate::encoded_word::Source;
use crate::field::{push_line, read_words};
use crate::{body, effort, encoded_word};

/// Decodes a phrase (RFC 5322 section 3.2.5), such as the display name before an address: quotes
/// and their escapes come off, encoded-words are decoded inside and outside of them, comments stay in
/// their brackets. The result holds no CR and no LF.
pub fn decode_phrase(raw: &[u8]) -> Decoded {
    Rewriter::rewrite(raw, Form::Plain).finish()
}

/// Rewrites the raw value of a structured field (an address list) so that a parser that knows
/// nothing of charsets can read it.
///
/// The `text` is one line of UTF-8 in which each run of encoded-words has become a quoted-string, and
/// every quoted-string and comment is closed and escaped anew, with the encoded-words in it decoded.
/// Decoded text therefore never leaves its quotes: it cannot forge an address. It may look like an
/// encoded-word, so it must not be decoded again. Encoded-words inside angle brackets or before an `@`
/// are not decoded (RFC 2047 section 5 forbids them there). A quote or bracket that is never closed,
/// and a backslash outside of quotes and comments, become a space. The result holds no CR and no LF.
pub fn unfold_structured(raw: &[u8]) -> Decoded {
    Rewriter::rewrite(raw, Form::Structured).finish()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Structured,
}

struct Rewriter {
    form: Form,
    reading: Reading,
    /// Between `<` and `>`.
    angle: bool,
    /// No quote or bracket closes any more, so that each is looked for once.
    open_quote: bool,
    open_comment: bool,
}

impl Rewriter {
    fn rewrite(raw: &[u8], form: Form) -> Reading {
        // Raw 8-bit and ISO-2022-JP first: their octets may look like any delimiter.
        let source = body::read_narrow(raw.trim_ascii(), None);
        let is_utf8 = source.charset == "utf-8";
        let reading = Reading {
            text: String::with_capacity(source.text.len() + 16),
            charset: source.charset,
            guessed: source.guessed && !is_utf8,
            repaired: source.repaired,
        };
        let mut rewriter =
            Self { form, reading, angle: false, open_quote: false, open_comment: false };
        let mut rest = source.text.as_str();
        while !rest.is_empty() {
            let taken = rewriter.take(rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        rewriter.reading
    }

    /// Rewrites what `rest` begins with; gives its length.
    fn take(&mut self, rest: &str) -> usize {
        match rest.as_bytes() {
            [b'"', ..] => self.quoted_string(rest),
            [b'(', ..] => self.comment(rest),
            [b'=', b'?', ..] => self.words(rest),
            [b'\r' | b'\n', ..] => {
                let end = rest.find(|c| !matches!(c, '\r' | '\n')).unwrap_or(rest.len());
                let (_, after) = rest.split_at(end);
                if !after.starts_with([' ', '\t']) {
                    self.reading.text.push(' ');
                }
                end
            }
            [b'\\', ..] => {
                self.reading.text.push(' ');
                1
            }
            _ => self.other(rest),
        }
    }

    fn other(&mut self, rest: &str) -> usize {
        let first = rest.chars().next().map_or(1, char::len_utf8);
        match rest.as_bytes().first() {
            Some(b'<') => self.angle = true,
            Some(b'>') => self.angle = false,
            _ => {}
        }
        let delimiter = ['"', '(', '=', '\r', '\n', '\\', '<', '>'];
        let tail = rest.get(first..).unwrap_or_default();
        let end = first + tail.find(delimiter).unwrap_or(tail.len());
        self.reading.text.push_str(rest.get(..end).unwrap_or_default());
        end
    }

    fn quoted_string(&mut self, rest: &str) -> usize {
        let end = if self.open_quote { None } else { quoted_end(rest) };
        let Some(end) = end else {
            self.open_quote = true;
            self.reading.text.push(' ');
            return 1;
        };
        let after = rest.get(end..).unwrap_or_default();
        let content = unescaped(rest.get(1..end - 1).unwrap_or_default());
        if self.angle || after.starts_with('@') {
            self.push_delimited('"', &content, '"');
        } else {
            let words = read_words(&content);
            self.reading.account(&words);
            self.push_delimited('"', &words.text, '"');
        }
        end
    }

    fn comment(&mut self, rest: &str) -> usize {
        let end = if self.open_comment { None } else { comment_end(rest) };
        let Some(end) = end else {
            self.open_comment = true;
            self.reading.text.push(' ');
            return 1;
        };
        let words = read_words(&unescaped(rest.get(1..end - 1).unwrap_or_default()));
        self.reading.account(&words);
        self.push_delimited('(', &words.text, ')');
        end
    }

    fn words(&mut self, rest: &str) -> usize {
        let found =
            if self.angle { None } else { encoded_word::run(rest.as_bytes(), Source::Text) };
        let Some((words, end)) = found else {
            return self.other(rest);
        };
        let after = rest.get(end..).unwrap_or_default();
        if after.starts_with('@') {
            self.push_delimited('"', rest.get(..end).unwrap_or_default(), '"');
            return end;
        }
        self.reading.account(&words);
        if self.form == Form::Plain {
            push_line(&mut self.reading.text, &words.text);
            return end;
        }
        // Next to an atom the quoted-string would be no word of its own.
        if self.reading.text.ends_with(is_in_atom) {
            self.reading.text.push(' ');
        }
        self.push_delimited('"', &words.text, '"');
        if after.starts_with(is_in_atom) {
            self.reading.text.push(' ');
        }
        end
    }

    /// One quoted-string or comment (RFC 5322 sections 3.2.4 and 3.2.2), in which nothing of
    /// `content` can be a delimiter.
    fn push_delimited(&mut self, open: char, content: &str, close: char) {
        let text = &mut self.reading.text;
        if self.form == Form::Plain {
            if open == '(' {
                text.push(open);
            }
            push_line(text, content);
            if open == '(' {
                text.push(close);
            }
            return;
        }
        let mut line = String::with_capacity(content.len());
        push_line(&mut line, content);
        text.push(open);
        for c in line.chars() {
            if c == open || c == close || c == '\\' {
                text.push('\\');
            }
            text.push(c);
        }
        text.push(close);
    }
}

fn is_in_atom(c: char) -> bool {
    !c.is_ascii_whitespace() && !"()<>[]:;,\\".contains(c)
}

/// The length of the quoted-string that `rest` begins with.
fn quoted_end(rest: &str) -> Option<usize> {
    let mut escaped = true;
    for (at, octet) in rest.bytes().enumerate() {
        effort::spend(1);
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the comment, with those nested in it, that `rest` begins with.
fn comment_end(rest: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut escaped = false;
    for (at, octet) in rest.bytes().enumerate() {
        effort::spend(1);
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn unescaped(content: &str) -> String {
    let mut plain = String::with_capacity(content.len());
    let mut escaped = false;
    for c in content.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    plain
}
