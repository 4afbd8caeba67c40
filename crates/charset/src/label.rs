//! Charset labels, as senders write them.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1252};

use crate::dos::CodePage;

/// Characters of a label that are looked at, after quotes and spaces around it came off. The longest
/// registered name has 45.
pub(crate) const MAX_LABEL: usize = 64;

/// Which end of a code unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Big,
    Little,
}

/// A charset that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Ascii,
    /// All of the family: ISO-2022-JP, -1, -2, -3, -2004 and the Microsoft code pages 50220 to 50222.
    Iso2022Jp,
    Utf7,
    Iso2022Kr,
    Hz,
    /// With `None`, a byte order mark or the octets tell the order.
    Utf16(Option<Endian>),
    Utf32(Option<Endian>),
    Dos(CodePage),
    /// Decoded by `encoding_rs`; never its UTF-16, ISO-2022-JP, replacement or x-user-defined.
    Table(&'static Encoding),
}

impl Charset {
    /// The charset that `label` names, or `None` when it names none that can be decoded (`x-unknown`,
    /// `binary`, `default` and the like among them).
    ///
    /// Case, white space, quotes, a repeated `charset=` and whatever follows the name are no
    /// obstacle. The names are those of the WHATWG Encoding Standard and those that Japanese mail
    /// uses besides.
    pub(crate) fn from_label(label: &str) -> Option<Self> {
        let name = name_in(label)?;
        let squashed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        if let Some(charset) = Self::from_squashed(&squashed) {
            return Some(charset);
        }
        if let Some(page) = CodePage::from_squashed(&squashed) {
            return Some(Self::Dos(page));
        }
        let encoding = Encoding::for_label_no_replacement(name.as_bytes())
            .or_else(|| Encoding::for_label_no_replacement(squashed.as_bytes()))?;
        (encoding != encoding_rs::X_USER_DEFINED).then_some(Self::Table(encoding))
    }

    /// Names that the WHATWG standard lacks, reads otherwise than mail needs, or knows in one
    /// spelling only, without their punctuation.
    fn from_squashed(squashed: &str) -> Option<Self> {
        Some(match squashed {
            "iso2022jp" | "iso2022jp1" | "iso2022jp2" | "iso2022jp3" | "iso2022jp2004"
            | "iso2022jpms" | "iso2022jpext" | "csiso2022jp" | "csiso2022jp2" | "cp50220"
            | "cp50221" | "cp50222" | "ms50220" | "ms50221" | "ms50222" | "xwindowsiso2022jp"
            | "xwindows50220" | "xwindows50221" | "xwindows50222" | "windows50220"
            | "windows50221" | "windows50222" | "jis" | "jis7" | "jis8" | "jisencoding"
            | "csjisencoding" => Self::Iso2022Jp,
            "shiftjis" | "sjis" | "xsjis" | "xshiftjis" | "mskanji" | "csshiftjis"
            | "windows31j" | "cswindows31j" | "windows932" | "cp932" | "ms932" | "xms932"
            | "xmscp932" | "xcp932" | "ibm943" | "cp943" | "ibm943c" | "cp943c" | "sjiswin"
            | "sjisopen" | "xsjiscp932" | "xsjis0213" | "shiftjis2004" | "shiftjisx0213"
            | "sjis2004" | "xmacjapanese" | "macjapanese" => Self::Table(SHIFT_JIS),
            "eucjp"
            | "xeucjp"
            | "eucjpms"
            | "eucjpwin"
            | "eucjpopen"
            | "ujis"
            | "cp51932"
            | "cp20932"
            | "eucjisx0213"
            | "eucjis2004"
            | "cseucpkdfmtjapanese"
            | "xeuc"
            | "eucjplinux" => Self::Table(EUC_JP),
            "utf8" | "utf8n" | "utf8mb4" | "cp65001" | "unicode11utf8" | "csutf8" => {
                Self::Table(UTF_8)
            }
            "utf7" | "unicode11utf7" | "csunicode11utf7" | "csutf7" | "xunicode20utf7"
            | "cp65000" => Self::Utf7,
            "iso2022kr" | "csiso2022kr" => Self::Iso2022Kr,
            "hzgb2312" | "hz" | "cshzgb2312" => Self::Hz,
            "utf16" | "unicode" | "csunicode" | "csutf16" | "ucs2" | "iso10646ucs2" => {
                Self::Utf16(None)
            }
            "utf16le" | "unicodefeff" | "csutf16le" | "ucs2le" => Self::Utf16(Some(Endian::Little)),
            "utf16be" | "unicodefffe" | "csutf16be" | "ucs2be" => Self::Utf16(Some(Endian::Big)),
            "utf32" | "csutf32" | "ucs4" | "iso10646ucs4" | "csucs4" => Self::Utf32(None),
            "utf32le" | "csutf32le" | "ucs4le" => Self::Utf32(Some(Endian::Little)),
            "utf32be" | "csutf32be" | "ucs4be" => Self::Utf32(Some(Endian::Big)),
            "usascii" | "ascii" | "csascii" | "us" | "ansix341968" | "ansix341986" | "iso646us"
            | "iso646irv" | "iso646irv1991" | "isoir6" | "ibm367" | "cp367" | "646" => Self::Ascii,
            "cp936" | "ms936" | "windows936" | "euccn" | "xeuccn" => Self::Table(GBK),
            "cp950" | "ms950" | "windows950" => Self::Table(BIG5),
            "cp949" | "ms949" | "uhc" => Self::Table(EUC_KR),
            "ansi" | "isolatin1" => Self::Table(WINDOWS_1252),
            _ => return None,
        })
    }

    /// The name in lower case, as decisions and logs show it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ascii => crate::decoded::ASCII,
            Self::Iso2022Jp => "iso-2022-jp",
            Self::Utf7 => "utf-7",
            Self::Iso2022Kr => "iso-2022-kr",
            Self::Hz => "hz-gb-2312",
            Self::Utf16(None) => "utf-16",
            Self::Utf16(Some(Endian::Big)) => "utf-16be",
            Self::Utf16(Some(Endian::Little)) => "utf-16le",
            Self::Utf32(None) => "utf-32",
            Self::Utf32(Some(Endian::Big)) => "utf-32be",
            Self::Utf32(Some(Endian::Little)) => "utf-32le",
            Self::Dos(page) => page.name(),
            Self::Table(encoding) => table_name(encoding),
        }
    }
}

/// Lower-case names of what `encoding_rs` writes otherwise.
fn table_name(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "UTF-8" => "utf-8",
        "Shift_JIS" => "shift_jis",
        "EUC-JP" => "euc-jp",
        "EUC-KR" => "euc-kr",
        "Big5" => "big5",
        "GBK" => "gbk",
        "IBM866" => "ibm866",
        "ISO-8859-2" => "iso-8859-2",
        "ISO-8859-3" => "iso-8859-3",
        "ISO-8859-4" => "iso-8859-4",
        "ISO-8859-5" => "iso-8859-5",
        "ISO-8859-6" => "iso-8859-6",
        "ISO-8859-7" => "iso-8859-7",
        "ISO-8859-8" => "iso-8859-8",
        "ISO-8859-8-I" => "iso-8859-8-i",
        "ISO-8859-10" => "iso-8859-10",
        "ISO-8859-13" => "iso-8859-13",
        "ISO-8859-14" => "iso-8859-14",
        "ISO-8859-15" => "iso-8859-15",
        "ISO-8859-16" => "iso-8859-16",
        "KOI8-R" => "koi8-r",
        "KOI8-U" => "koi8-u",
        lower => lower,
    }
}

/// The name within a label: without what stands around it, in lower case.
fn name_in(label: &str) -> Option<String> {
    let around = |c: char| c.is_whitespace() || c.is_control() || "\"'`<>[](){};,=\\".contains(c);
    let mut rest = label.trim_start_matches(around);
    // Twice and more is seen where a program builds the field from one that has it already; `3D` is
    // the `=` of quoted-printable that nobody decoded.
    loop {
        let shorter = strip_prefix_ignoring_case(rest, "charset")
            .filter(|after| after.trim_start_matches(char::is_whitespace).starts_with(['=', ':']))
            .map(|after| after.trim_start_matches(|c: char| around(c) || c == ':'))
            .or_else(|| {
                strip_prefix_ignoring_case(rest, "3D\"").map(|s| s.trim_start_matches(around))
            });
        match shorter {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.:+/".contains(c)))
        .unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default();
    (!name.is_empty() && name.len() <= MAX_LABEL).then(|| name.to_ascii_lowercase())
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_japanese_mail_are_known_in_every_spelling() {
        for (labels, name) in [
            (
                "iso-2022-jp ISO-2022-JP-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 \
                 iso-2022-jp-ms csISO2022JP cp50220 CP50221 cp50222 x-windows-iso2022jp JIS",
                "iso-2022-jp",
            ),
            (
                "Shift_JIS shift-jis sjis x-sjis MS_Kanji csShiftJIS windows-31j csWindows31J \
                 Windows_31J cp932 CP-932 ms932 x-ms-cp932 sjis-win ibm-943",
                "shift_jis",
            ),
            ("EUC-JP eucjp x-euc-jp EUC_JP ujis cp51932 eucJP-ms eucjp-win", "euc-jp"),
            ("utf-8 UTF8 utf_8 unicode-1-1-utf-8 utf8mb4", "utf-8"),
            ("utf-7 unicode-1-1-utf-7 csUnicode11UTF7", "utf-7"),
            ("us-ascii ANSI_X3.4-1968 ascii ISO646-US iso_646.irv:1991 cp367", "us-ascii"),
            ("iso-8859-1 latin1 windows-1252 cp1252 iso8859-1 ISO_8859-1:1987", "windows-1252"),
            ("gb2312 gbk cp936 x-gbk", "gbk"),
            ("ks_c_5601-1987 euc-kr cp949", "euc-kr"),
            ("big5 cp950", "big5"),
            ("utf-16 UCS-2", "utf-16"),
            ("utf-16le", "utf-16le"),
            ("utf-32be", "utf-32be"),
        ] {
            for label in labels.split_whitespace() {
                let found = Charset::from_label(label).map(Charset::name);
                assert_eq!(found, Some(name), "{label}");
            }
        }
    }

    #[test]
    fn what_stands_around_a_name_is_no_obstacle() {
        for label in [
            "\"iso-2022-jp\"",
            "'iso-2022-jp'",
            " ISO-2022-JP ; format=flowed",
            "iso-2022-jp\r\n",
            "charset=iso-2022-jp",
            "charset=\"charset = iso-2022-jp\"",
            "=iso-2022-jp,",
            "3D\"iso-2022-jp\"",
            "iso-2022-jp\">",
            "iso-2022-jp\u{3000}",
        ] {
            let found = Charset::from_label(label);
            assert_eq!(found, Some(Charset::Iso2022Jp), "{label}");
        }
    }

    #[test]
    fn a_label_that_names_no_charset_is_no_label() {
        for label in [
            "",
            "\"\"",
            "unknown-8bit",
            "x-unknown",
            "default",
            "none",
            "binary",
            "8bit",
            "x-user-defined",
            "replacement",
            "iso-2022-cn",
            "charset",
            "山",
            "charset=",
        ] {
            assert_eq!(Charset::from_label(label), None, "{label}");
        }
        let long = format!("{}utf-8", "-".repeat(MAX_LABEL));
        assert_eq!(Charset::from_label(&long), None);
        assert_eq!(Charset::from_label(&"charset=".repeat(100_000)), None);
    }

    #[test]
    fn every_table_has_a_lower_case_name() {
        for label in
            ["ibm866", "macintosh", "x-mac-cyrillic", "iso-8859-8-i", "koi8-u", "iso-8859-10"]
        {
            let name = Charset::from_label(label).unwrap().name();
            assert_eq!(name, name.to_ascii_lowercase());
        }
    }
}
