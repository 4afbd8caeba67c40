//! Escape sequences of ISO/IEC 2022 that Japanese mail holds.

pub(super) const ESC: u8 = 0x1B;

/// A character set that the octets 0x21 to 0x7E can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// ASCII; JIS X 0201 Roman too, whose yen sign and overline Windows' code pages 50220 to 50222
    /// read as `\` and `~`, as everybody reads them in `Shift_JIS`: paths and addresses stay whole.
    Ascii,
    /// JIS X 0201 kana, one octet each.
    Kana,
    Double(Double),
}

/// A set of 94 by 94 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Double {
    Jis0208,
    Jis0212,
    Jis0213Plane1,
    Jis0213Plane2,
    Gb2312,
    Ksc5601,
}

/// The set that a single shift (ESC N) takes one character of, in ISO-2022-JP-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HighPart {
    Latin1,
    Greek,
}

/// What an escape sequence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    Designate(Set),
    DesignateHigh(HighPart),
    /// One character of the high part, given by its 7-bit octet.
    SingleShift(u8),
    /// Announces a revision or designates what shift-out would select: nothing to do.
    Nothing,
}

/// The escape sequence that `bytes` begin with, and its length.
pub(super) fn parse(bytes: &[u8]) -> Option<(Escape, usize)> {
    let double = |set| Escape::Designate(Set::Double(set));
    Some(match bytes {
        [ESC, b'$', b'@' | b'B', ..] => (double(Double::Jis0208), 3),
        [ESC, b'$', b'A', ..] => (double(Double::Gb2312), 3),
        [ESC, b'$', b'(', set, ..] => (
            double(match set {
                b'@' | b'B' => Double::Jis0208,
                b'A' => Double::Gb2312,
                b'C' => Double::Ksc5601,
                b'D' => Double::Jis0212,
                b'O' | b'Q' => Double::Jis0213Plane1,
                b'P' => Double::Jis0213Plane2,
                _ => return None,
            }),
            4,
        ),
        // `( H` is Swedish by the book and was JIS Roman in early mail programs.
        [ESC, b'(', b'B' | b'J' | b'H', ..] => (Escape::Designate(Set::Ascii), 3),
        [ESC, b'(', b'I', ..] => (Escape::Designate(Set::Kana), 3),
        [ESC, b')', b'B' | b'I' | b'J', ..] | [ESC, b'&', b'@', ..] => (Escape::Nothing, 3),
        [ESC, b'.', b'A', ..] => (Escape::DesignateHigh(HighPart::Latin1), 3),
        [ESC, b'.', b'F', ..] => (Escape::DesignateHigh(HighPart::Greek), 3),
        [ESC, b'N', octet @ 0x20..=0x7F, ..] => (Escape::SingleShift(*octet), 3),
        _ => return None,
    })
}

/// Whether `bytes` hold an escape sequence that designates a character set.
pub(crate) fn designates(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|octet| *octet == ESC) {
        rest = rest.get(at..).unwrap_or_default();
        if matches!(parse(rest), Some((Escape::Designate(_), _))) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// Whether `bytes` hold what is left of an escape sequence to two-byte text without its ESC.
pub(crate) fn may_be_bare(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| matches!(two, b"$B" | b"$@"))
}
