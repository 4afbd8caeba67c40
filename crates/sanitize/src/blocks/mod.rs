//! Encoded data inside a text: found line by line and cut out, so that no attachment crosses in the
//! clothes of text.
//!
//! Known are uuencode (with and without its `begin`), yEnc, BinHex, PEM and PGP armour, files in
//! MIME entities that are written out, `data:`
//! URIs, and what looks like base64, base32 or hexadecimal by being dense: many characters of such
//! an alphabet without a space. Quote marks before a line do not hide it. Every line is looked at a
//! bounded number of times, so the scan is linear.
//!
//! Layout: this file walks the lines; `armour`, `uuencode`, `binhex`, `entity`, `dump` and `dense` know one
//! form each; `inline` looks inside a line, `escapes` and `scattered` at what goes on over lines;
//! `evidence` tells data from words; `decode` turns a block back into octets, to tell what it is.

mod armour;
mod binhex;
mod decode;
mod dense;
mod dump;
mod entity;
mod escapes;
mod evidence;
mod inline;
mod scattered;
mod uuencode;

use std::ops::Range;

use dense::Dense;

/// The form of a block that is armour around an encrypted PGP message.
pub(crate) const ENCRYPTED_ARMOUR: &str = "application/pgp-encrypted";

/// Encoded data found in a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The file name that the encoding gives.
    pub(crate) name: Option<String>,
    /// How it was encoded, as a media type of our own making: `application/x-uuencode` and the
    /// like.
    pub(crate) form: &'static str,
    /// Its octets, decoded where that is possible.
    pub(crate) octets: Vec<u8>,
}

/// Some lines that are one block: how many, and what they hold.
struct Found {
    lines: usize,
    block: Block,
}

/// What a yEnc block begins with.
const YENC: &str = "=ybegin ";
/// How often a text is gone through as long as something is found: what stood apart may come together.
const PASSES: usize = 8;

/// The text with every block replaced by what `stand_in` gives for it; `None` when there is none. What
/// has data in it however often it is cut is no text: all of it is one block then.
pub(crate) fn cut(text: &str, mut stand_in: impl FnMut(Block) -> String) -> Option<String> {
    let mut left: Option<String> = None;
    for _ in 0..PASSES {
        let Some(cut) = cut_once(left.as_deref().unwrap_or(text), &mut stand_in) else {
            return left;
        };
        left = Some(cut);
    }
    let left = left?;
    if cut_once(&left, &mut |_| String::new()).is_none() {
        return Some(left);
    }
    let form = "application/octet-stream";
    Some(stand_in(Block { name: None, form, octets: left.into_bytes() }) + "\n")
}

/// Whether an identifier is a text or a file in an encoding.
pub(crate) fn spells(id: &str) -> bool {
    inline::runs(id, dense::is_symbol).any(|run| id.get(run).is_some_and(evidence::decodes))
}

fn cut_once(text: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let mut left = cut_lines(text, stand_in);
    if let Some(cut) = escapes::cut(left.as_deref().unwrap_or(text), stand_in) {
        left = Some(cut);
    }
    scattered::cut(left.as_deref().unwrap_or(text), stand_in).or(left)
}

fn cut_lines(text: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let signs = Signs::of(text);
    let mut out = String::new();
    let mut rest = lines.as_slice();
    // Where `rest` begins in the text, and how far the text is in `out`.
    let (mut at, mut copied) = (0, 0);
    // Lines that are known to begin no dense block.
    let mut not_dense = 0_usize;
    while let Some((first, after)) = rest.split_first() {
        let found = block_at(rest).or_else(|| {
            match dense::find(rest.get(..).filter(|_| not_dense == 0)?) {
                Dense::Found(found) => Some(found),
                Dense::NotWithin(count) => {
                    not_dense = count;
                    None
                }
            }
        });
        let start = at;
        let instead = if let Some(found) = found {
            not_dense = 0;
            let taken;
            (taken, rest) = rest.split_at_checked(found.lines.max(1)).unwrap_or((rest, &[]));
            at += taken.iter().map(|line| line.len() + 1).sum::<usize>();
            Some(stand_in(found.block))
        } else {
            not_dense = not_dense.saturating_sub(1);
            rest = after;
            at += first.len() + 1;
            within(first, signs, stand_in).or_else(|| inline::cut(first, stand_in))
        };
        if let Some(instead) = instead {
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str(&instead);
            // Without the line end, which stays.
            copied = at - 1;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// What a text must have for blocks to be looked for inside its lines.
#[derive(Debug, Clone, Copy)]
struct Signs {
    yenc: bool,
    binhex: binhex::Mark,
}

impl Signs {
    fn of(text: &str) -> Self {
        Self {
            yenc: memchr::memmem::find(text.as_bytes(), YENC.as_bytes()).is_some(),
            binhex: binhex::Mark::of(text),
        }
    }
}

/// A line without the blocks whose lines HTML set as one paragraph; what stands around them is looked at
/// the next time.
fn within(line: &str, signs: Signs, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut yenc = signs.yenc.then(|| yenc_in_line(line, 0)).flatten();
    let mut binhex = binhex::in_line(line, 0, signs.binhex);
    loop {
        let starts =
            (yenc.as_ref().map(|(at, _)| at.start), binhex.as_ref().map(|(at, _)| at.start));
        let (found, form) = match starts {
            (None, None) => break,
            (Some(start), other) if other.is_none_or(|other| start < other) => {
                (yenc.take(), "application/x-yenc")
            }
            _ => (binhex.take(), "application/mac-binhex40"),
        };
        let Some((range, name)) = found else { break };
        let octets = line.get(range.clone()).unwrap_or_default().as_bytes().to_vec();
        out.push_str(line.get(copied..range.start).unwrap_or_default());
        out.push_str(&stand_in(Block { name, form, octets }));
        copied = range.end;
        if yenc.as_ref().is_some_and(|(at, _)| at.start < copied) || form == "application/x-yenc" {
            yenc = yenc_in_line(line, copied);
        }
        if binhex.as_ref().is_some_and(|(at, _)| at.start < copied)
            || form == "application/mac-binhex40"
        {
            binhex = binhex::in_line(line, copied, signs.binhex);
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(line.get(copied..).unwrap_or_default());
    Some(out)
}

/// The first yEnc block inside a line from `from` on, and its name. It ends after the size and checksum
/// of its last line, or with the line.
fn yenc_in_line(line: &str, from: usize) -> Option<(Range<usize>, Option<String>)> {
    let start = from + line.get(from..)?.find(YENC)?;
    let rest = line.get(start..)?;
    let end = rest.find("=yend").map_or(line.len(), |at| {
        let words = rest.get(at..).unwrap_or_default().split(' ');
        let own = words.take_while(|word| word.contains('='));
        start + at + own.map(|word| word.len() + 1).sum::<usize>()
    });
    let range = start..end.min(line.len());
    // Within the block, so that blocks without a name do not have the rest of the line read each time.
    let named = line.get(range.clone())?.split_once(" name=");
    let name = named.and_then(|(_, name)| name.split(' ').next()).map(str::to_owned);
    Some((range, name))
}

/// The block of a form with a beginning of its own that begins with the first of `lines`.
fn block_at(lines: &[&str]) -> Option<Found> {
    let first = unquoted(lines.first()?);
    let found = match first.as_bytes() {
        [b'-', b'-', b'-', b'-', b'-', b'B', ..] => armour::find(lines),
        [b'-', b'-', ..] => entity::find(lines),
        [b'b' | b'B', b'e' | b'E', b'g' | b'G', b'i' | b'I', b'n' | b'N', ..] => {
            uuencode::find(lines)
        }
        [b'=', b'y', b'b', b'e', b'g', b'i', b'n', b' ', ..] => Some(yenc(lines)),
        [b'(' | b':', ..] => binhex::find(lines),
        [b'C' | b'c' | b'M' | b'm', b'O' | b'o' | b'I' | b'i', ..] => entity::find_headed(lines),
        [b'M', ..] => uuencode::find_headless(lines),
        [b'0'..=b'9', ..] => dump::find(lines),
        _ => None,
    };
    found.or_else(|| uuencode::find_short(lines))
}

/// A yEnc block runs to its `=yend` line; without one nothing after it can be told from its data.
fn yenc(lines: &[&str]) -> Found {
    let end = lines.iter().position(|line| unquoted(line).starts_with("=yend"));
    let count = end.map_or(lines.len(), |at| at + 1);
    let taken = lines.get(..count).unwrap_or_default();
    let name = taken
        .first()
        .and_then(|line| line.split_once(" name="))
        .map(|(_, name)| name.trim().to_owned());
    Found {
        lines: count,
        block: Block { name, form: "application/x-yenc", octets: taken.join("\n").into_bytes() },
    }
}

/// A line without quote marks and spaces around it.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '|', '\t', '\u{3000}']).trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text with `#n` for a block, and the blocks.
    fn cut_all(text: &str) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        let cut = cut(text, |block| {
            blocks.push(block);
            format!("#{}", blocks.len())
        });
        (cut.unwrap_or_else(|| text.to_owned()), blocks)
    }

    /// Base64 of a small file, in lines of `width`.
    fn base64_lines(width: usize, prefix: &str) -> String {
        const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let symbols: Vec<char> =
            (0..400_usize).map(|n| char::from(SYMBOLS[n * n * 7 % 64])).collect();
        symbols
            .chunks(width)
            .map(|line| format!("{prefix}{}\n", line.iter().collect::<String>()))
            .collect()
    }

    #[test]
    fn base64_lines_are_cut_quoted_or_not_and_the_text_around_stays() {
        for prefix in ["", "> ", ">> | "] {
            for width in [40, 60, 76] {
                let text = format!("前の行\n{}\n後の行\n", base64_lines(width, prefix));
                let (left, blocks) = cut_all(&text);
                assert_eq!(left, "前の行\n#1\n\n後の行\n", "{width} {prefix}");
                assert_eq!(blocks[0].octets.len(), 300);
            }
        }
    }

    #[test]
    fn base64_in_one_long_line_or_double_spaced_is_cut() {
        let (left, blocks) = cut_all(&format!("a {} b", base64_lines(400, "").trim()));
        assert_eq!((left.as_str(), blocks.len()), ("a #1 b", 1));
        let (left, _) = cut_all(&base64_lines(76, "").replace('\n', "\n\n"));
        assert_eq!(left.trim(), "#1");
    }

    #[test]
    fn a_uuencoded_file_is_cut_and_named() {
        let text = "前\nbegin 644 cat.txt\n#0V%T\n`\nend\n以上、begin よろしく end お願いします。\nbegin 2026\n";
        let (left, blocks) = cut_all(text);
        assert_eq!(left, "前\n#1\n以上、begin よろしく end お願いします。\nbegin 2026\n");
        assert_eq!(blocks[0].name.as_deref(), Some("cat.txt"));
        assert_eq!(blocks[0].octets, b"Cat");
    }

    #[test]
    fn uuencoded_lines_without_their_begin_are_cut() {
        let line = format!("M{}\n", "4$L#!!0``````\"".repeat(5).get(..60).unwrap());
        let (left, blocks) = cut_all(&format!("(2/3)\n{}以上\n", line.repeat(6)));
        assert_eq!((left.as_str(), blocks.len()), ("(2/3)\n#1\n以上\n", 1));
    }

    #[test]
    fn yenc_binhex_and_armour_are_cut() {
        let yenc = "a\n=ybegin line=128 size=3 name=x.jpg\nm\u{e9}k}\n=yend size=3\nb\n";
        let (left, blocks) = cut_all(yenc);
        assert_eq!((left.as_str(), blocks[0].name.as_deref()), ("a\n#1\nb\n", Some("x.jpg")));
        let binhex = format!(
            "a\n(This file must be converted with BinHex 4.0)\n\n:{}\n{}:\n\nb\n",
            "e,[p4'd*f*".repeat(6),
            "l[UJSf,B!H"
        );
        assert_eq!(cut_all(&binhex).0, "a\n#1\n\nb\n");
        let pgp = "a\n-----BEGIN PGP MESSAGE-----\nVersion: X\n\nhQEMA5KvaG6w\n=nYDd\n-----END PGP MESSAGE-----\nb\n";
        assert_eq!(cut_all(pgp).0, "a\n#1\nb\n");
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n本文\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n";
        assert_eq!(
            cut_all(signed).0,
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n本文\n#1\n"
        );
    }

    #[test]
    fn blocks_that_were_set_as_one_line_are_cut_however_many() {
        let binhex = ":#feTER9dCA-ZCAKP!%&38%`r2cmr!!!!!!!a:";
        let yenc = "=ybegin line=128 size=3 name=x.jpg m\u{e9}k} =yend size=3 crc32=0";
        let line = format!("前 {binhex} と {yenc} と ").repeat(20);
        let (left, blocks) = cut_all(&line);
        assert_eq!(blocks.len(), 40);
        assert!(!left.contains("yend") && !left.contains("feTER9") && left.contains(" と "));
    }

    #[test]
    fn data_uris_are_cut_out_of_their_line() {
        let (left, blocks) = cut_all("図 <data:image/png;base64,iVBORw0KGgo=> と data: 5,6");
        assert_eq!(left, "図 <#1> と data: 5,6");
        assert_eq!(blocks[0].octets, b"\x89PNG\r\n\x1A\n");
    }

    #[test]
    fn text_that_only_looks_alike_stays() {
        let rules =
            "─".repeat(80) + "\n" + &("=".repeat(400) + "\n" + &"-".repeat(400) + "\n").repeat(6);
        let hashes = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n".repeat(5);
        let link = format!("https://example.jp/?{}\n", "data=05%7C02%7Cabc%7C".repeat(40));
        let yours =
            "Hello,\nThe quick brown fox jumps over the lazy dog, and then some more.\n".repeat(10);
        let begin =
            "begin 644 cat.txt\nis how uuencode starts.\n-----BEGIN HERE-----\nand so on.\n";
        for text in
            [rules.as_str(), &hashes, &link, &yours, begin, "=yend\n", "(This file is for you)\n"]
        {
            assert_eq!(cut(text, |block| panic!("{block:?}")), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_cut_has_nothing_left_to_cut(text in "([A-Za-z0-9+/=]{0,90}[ \n>]?|begin 644 a\n|M[ -`]{60}\n|=y?begin |-----BEGIN A-----\n|data:a/b,){0,30}") {
            let stand_in = |_| "〔〕".to_owned();
            let left = cut(&text, stand_in).unwrap_or(text);
            prop_assert_eq!(cut(&left, stand_in), None, "{}", left);
        }
    }
}
