//! A file with a marker in it, and the encodings that a file is sent in.

use std::fmt::Write as _;

/// Stands in every file and nowhere else.
pub(crate) const MARKER: &str = "SEKIMORI-MARKER-q7Zx";

/// Files that a mail may carry: a program, an archive, a document, a script, a small text.
pub(crate) fn files() -> Vec<Vec<u8>> {
    let noise = |count: usize| (0..count).map(|n| (n * n * 31 + n * 7 + 0x9D) as u8);
    let framed = |head: &[u8], tail: usize| {
        let mut file = head.to_vec();
        file.extend_from_slice(MARKER.as_bytes());
        file.extend(noise(tail));
        file
    };
    vec![
        framed(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0\xB8\0\0\0", 60),
        framed(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\x14\0\0\0\x05\0\0\0a.txt", 30),
        framed(b"%PDF-1.4\n1 0 obj\n<<>>\n", 300),
        format!("WScript.Echo \"{MARKER}\"\r\n").into_bytes(),
        format!("{MARKER} is what this small file says\r\n").into_bytes(),
    ]
}

/// base64 without line ends.
pub(crate) fn base64(octets: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in octets.chunks(3) {
        let at = |n: usize| u32::from(group.get(n).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { '=' } else { char::from(symbol) });
        }
    }
    out
}

/// Text in lines of `width` characters, each ended by LF.
pub(crate) fn lines(text: &str, width: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(width).fold(String::new(), |mut out, line| {
        out.extend(line);
        out.push('\n');
        out
    })
}

pub(crate) fn hex(octets: &[u8]) -> String {
    escaped(octets, |b| format!("{b:02x}"))
}

/// Every octet in the form that `one` gives it.
pub(crate) fn escaped(octets: &[u8], one: impl Fn(u8) -> String) -> String {
    octets.iter().map(|b| one(*b)).collect()
}

/// quoted-printable in which every octet is escaped, in lines ended by LF.
pub(crate) fn quoted_printable(octets: &[u8]) -> String {
    octets.chunks(24).map(|line| escaped(line, |b| format!("={b:02X}")) + "=\n").collect()
}

pub(crate) fn uuencode(octets: &[u8], name: &str) -> String {
    format!("begin 644 {name}\n{}`\nend\n", uuencoded_lines(octets))
}

/// The data lines of uuencode alone.
pub(crate) fn uuencoded_lines(octets: &[u8]) -> String {
    let symbol = |six: u32| char::from(if six == 0 { b'`' } else { b' ' + six as u8 });
    let mut out = String::new();
    for line in octets.chunks(45) {
        out.push(symbol(line.len() as u32));
        for group in line.chunks(3) {
            let at = |n: usize| u32::from(group.get(n).copied().unwrap_or_default());
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            (0..4).for_each(|place| out.push(symbol(bits >> (18 - 6 * place) & 63)));
        }
        out.push('\n');
    }
    out
}

/// What `hexdump -C` writes.
pub(crate) fn dump(octets: &[u8]) -> String {
    let mut out = String::new();
    for (n, row) in octets.chunks(16).enumerate() {
        let shown = |b: &u8| if matches!(b, b' '..=b'~') { char::from(*b) } else { '.' };
        let characters: String = row.iter().map(shown).collect();
        let columns = escaped(row, |b| format!("{b:02x} "));
        let _ = writeln!(out, "{:08x}  {columns:48} |{characters}|", n * 16);
    }
    out
}

/// BinHex 4.0 without its checksums (RFC 1741), in lines ended by LF.
pub(crate) fn binhex(octets: &[u8], name: &str) -> String {
    const SYMBOLS: &[u8] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    let mut data = vec![name.len() as u8];
    data.extend_from_slice(name.as_bytes());
    data.extend_from_slice(b"\0APPL????\0\0");
    data.extend_from_slice(&(octets.len() as u32).to_be_bytes());
    data.extend_from_slice(&[0; 6]);
    data.extend_from_slice(octets);
    data.extend_from_slice(&[0; 4]);
    let bits: Vec<u8> =
        data.iter().flat_map(|b| (0..8).rev().map(move |place| b >> place & 1)).collect();
    let symbol = |group: &[u8]| {
        let six = (0..6).fold(0, |sum, n| sum << 1 | group.get(n).copied().unwrap_or_default());
        char::from(SYMBOLS[usize::from(six)])
    };
    let symbols: String = bits.chunks(6).map(symbol).collect();
    let body = lines(&format!(":{symbols}:"), 64);
    format!("(This file must be converted with BinHex 4.0)\n\n{body}")
}

pub(crate) fn base32(octets: &[u8]) -> String {
    let bits: Vec<u8> =
        octets.iter().flat_map(|b| (0..8).rev().map(move |place| b >> place & 1)).collect();
    let symbol = |group: &[u8]| {
        let five = (0..5).fold(0, |sum, n| sum << 1 | group.get(n).copied().unwrap_or_default());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(five)])
    };
    bits.chunks(5).map(symbol).collect()
}

/// What `text` must not hold, in whatever encoding: the marker, or most of it. `None` when it is clean.
pub(crate) fn leak(text: &str) -> Option<String> {
    let joined: String =
        text.chars().filter(|c| !c.is_whitespace() && !"<>|\"".contains(*c)).collect();
    let plain = joined.to_ascii_uppercase();
    let base64_only: String =
        joined.chars().filter(|c| c.is_ascii_alphanumeric() || "+/-_".contains(*c)).collect();
    let utf16: Vec<u8> = MARKER.bytes().flat_map(|b| [b, 0]).collect();
    for (octets, kind) in [(MARKER.as_bytes(), ""), (&utf16, " of UTF-16")] {
        for shift in 0..3 {
            let padded = [&vec![0; shift][..], octets].concat();
            let whole = base64(&padded);
            // Symbols that no neighbour has a bit in.
            let stable = &whole[(shift * 4).div_ceil(3)..whole.len() - 4];
            for start in 0..=stable.len() - 16 {
                let part = &stable[start..start + 16];
                if joined.contains(part) || base64_only.contains(part) {
                    return Some(format!("base64{kind} {part}"));
                }
            }
        }
    }
    let half = &MARKER.as_bytes()[..12];
    let forms = [
        (MARKER[..15].to_owned(), "plain"),
        (hex(half), "hexadecimal"),
        (escaped(half, |b| format!("={b:02X}")), "quoted-printable"),
        (escaped(half, |b| format!("%{b:02X}")), "percent"),
        (escaped(half, |b| format!("&#{b};")), "decimal references"),
        (escaped(half, |b| format!("&#x{b:X};")), "hexadecimal references"),
        (escaped(half, |b| format!("\\x{b:02X}")), "escapes"),
        (base32(&MARKER.as_bytes()[..15]), "base32"),
        (base32(&MARKER.as_bytes()[5..15]), "base32"),
    ];
    for (form, kind) in forms {
        if plain.contains(&form.to_ascii_uppercase()) {
            return Some(kind.to_owned());
        }
    }
    for length in 1..4 {
        // After as many octets as shift it by each place of a symbol.
        let data = binhex(MARKER.as_bytes(), &"x".repeat(length)).split_off(48);
        let data: String = data.split_whitespace().collect();
        let start = ((length + 22) * 8).div_ceil(6);
        if data.get(start..start + 12).is_some_and(|part| joined.contains(part)) {
            return Some("BinHex".to_owned());
        }
    }
    for shift in 0..3 {
        let padded = [&vec![0; shift][..], MARKER.as_bytes()].concat();
        let line = uuencoded_lines(&padded);
        let stable = &line.trim_end()[5..21];
        if joined.contains(stable) {
            return Some(format!("uuencode {stable}"));
        }
    }
    let mut letters = String::new();
    let _ = write!(letters, "{}", text.replace(['\n', ' ', '-', '.'], ""));
    letters.contains("SEKIMORIMARKER").then(|| "scattered".to_owned())
}
