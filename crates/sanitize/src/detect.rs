//! What a removed part is, by its content.

use memchr::memmem;
use sekimori_policy::Code;

/// What the content shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    /// The media type; `application/octet-stream` where the content shows none.
    pub(crate) media_type: &'static str,
    /// What is to be noted of it if it needs a password.
    pub(crate) locked: Option<Code>,
}

/// Entries of a zip archive that are looked at.
const MAX_ZIP_ENTRIES: usize = 500;
/// The end-of-directory record and the longest comment after it (APPNOTE.TXT section 4.3.16).
const ZIP_END: usize = 22 + 65_535;
/// Octets of an OLE file that are searched for the name of its main stream.
const OLE_SEARCH: usize = 1024 * 1024;

/// Tells the type of `octets`.
pub(crate) fn detect(octets: &[u8]) -> Detected {
    let plain = |media_type| Detected { media_type, locked: None };
    if octets.starts_with(b"PK\x03\x04") || octets.starts_with(b"PK\x05\x06") {
        return zip(octets);
    }
    if octets.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return ole(octets);
    }
    if octets.starts_with(b"7z\xBC\xAF\x27\x1C") {
        // The coder id of AES-256 in a header that is not itself encrypted, or of the header's own.
        let is_encrypted = memmem::rfind(octets, b"\x06\xF1\x07\x01").is_some();
        return Detected {
            media_type: "application/x-7z-compressed",
            locked: is_encrypted.then_some(Code::EncryptedArchive),
        };
    }
    if octets.starts_with(b"%PDF-") {
        let locked = is_encrypted_pdf(octets).then_some(Code::EncryptedDocument);
        return Detected { media_type: "application/pdf", locked };
    }
    if cms_content(octets).is_some() {
        return plain("application/pkcs7-mime");
    }
    if is_tnef(octets) {
        return plain("application/ms-tnef");
    }
    if octets.starts_with(b"-----BEGIN PGP ") {
        return plain("application/pgp");
    }
    if let Some(known) = infer::get(octets) {
        return plain(known.mime_type());
    }
    let is_text = !octets.is_empty()
        && str::from_utf8(octets).is_ok_and(|text| {
            text.bytes().all(|b| b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r' | 0x0C))
        });
    plain(if is_text { "text/plain" } else { "application/octet-stream" })
}

/// Whether octets begin with a signature of at least three octets that a file is known by.
pub(crate) fn is_signature(octets: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 20] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"%PDF-",
        b"MZ\x90\0",
        b"\x89PNG",
        b"GIF8",
        b"\xFF\xD8\xFF",
        b"\xD0\xCF\x11\xE0",
        b"7z\xBC\xAF",
        b"Rar!",
        b"MSCF",
        b"\x7FELF",
        b"{\\rtf",
        b"\x1F\x8B\x08",
        b"BZh9",
        b"\xFD7zXZ",
        b"ITSF",
        b"RIFF",
        b"L\0\0\0\x01\x14\x02",
        b"\x78\x9F\x3E\x22",
    ];
    SIGNATURES.iter().any(|signature| octets.starts_with(signature))
}

/// Whether the octets are S/MIME in which the signed content is wrapped (RFC 8551 section 3.5.2).
pub(crate) fn is_signed_data(octets: &[u8]) -> bool {
    cms_content(octets) == Some(2)
}

/// Whether the octets are S/MIME encrypted for a key: enveloped-data, signed and enveloped, encrypted
/// (RFC 2315 sections 10, 11 and 13).
pub(crate) fn is_enveloped_data(octets: &[u8]) -> bool {
    matches!(cms_content(octets), Some(3 | 4 | 6))
}

/// The last number of the content type that a CMS structure begins with (RFC 5652 section 4): 2 for
/// signed-data, 3 for enveloped-data.
fn cms_content(octets: &[u8]) -> Option<u8> {
    /// Octets of the sequence's tag and length before the content type, at most.
    const HEAD: usize = 10;
    const PKCS7: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";
    if octets.first() != Some(&0x30) {
        return None;
    }
    let head = octets.get(..HEAD + PKCS7.len()).unwrap_or(octets);
    octets.get(memmem::find(head, PKCS7)? + PKCS7.len()).copied()
}

/// Whether the octets begin as TNEF does ([MS-OXTNEF] section 2.1.3.1).
pub(crate) fn is_tnef(octets: &[u8]) -> bool {
    octets.starts_with(b"\x78\x9F\x3E\x22")
}

/// Whether a trailer of the PDF names an encryption dictionary (ISO 32000-1 section 7.5.5).
fn is_encrypted_pdf(octets: &[u8]) -> bool {
    const KEY: &[u8] = b"/Encrypt";
    memmem::find_iter(octets, KEY).any(|at| {
        let after = octets.get(at + KEY.len()..).unwrap_or_default();
        matches!(after.trim_ascii_start(), [b'0'..=b'9' | b'<', ..])
    })
}

/// The main stream's name in an OLE file tells which program wrote it ([MS-CFB] section 2.6.1). An
/// Office document with a password is one stream in such a file ([MS-OFFCRYPTO] section 2.3.4.4).
fn ole(octets: &[u8]) -> Detected {
    let searched = octets.get(..OLE_SEARCH).unwrap_or(octets);
    let has = |stream: &[u8]| memmem::find(searched, stream).is_some();
    let is_encrypted = has(b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0");
    let media_type = if is_encrypted {
        "application/x-ole-storage"
    } else if has(b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0") {
        "application/msword"
    } else if has(b"W\0o\0r\0k\0b\0o\0o\0k\0") || has(b"\x05\0B\0o\0o\0k\0\0\0") {
        "application/vnd.ms-excel"
    } else if has(b"P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0") {
        "application/vnd.ms-powerpoint"
    } else if has(b"_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s\0_\0v\0e\0r\0s\0i\0o\0n\0") {
        "application/vnd.ms-outlook"
    } else {
        "application/x-ole-storage"
    };
    Detected { media_type, locked: is_encrypted.then_some(Code::EncryptedDocument) }
}

/// Which package a zip archive is, by the names in its central directory, and whether an entry is
/// encrypted. An archive without a directory is told by its first entry alone.
fn zip(octets: &[u8]) -> Detected {
    let mut found = Package::default();
    if let Some((name, flags)) = local_entry(octets) {
        found.entry(name, flags);
        if name == b"mimetype" {
            found.open_document = open_document(octets.get(38..100).unwrap_or_default());
        }
    }
    let mut rest = central_directory(octets).unwrap_or_default();
    for _ in 0..MAX_ZIP_ENTRIES {
        let Some((name, flags, after)) = central_entry(rest) else { break };
        found.entry(name, flags);
        rest = after;
    }
    let locked = found.is_encrypted.then_some(Code::EncryptedArchive);
    Detected { media_type: found.media_type(), locked }
}

/// What the names in an archive tell.
#[derive(Default)]
struct Package {
    is_encrypted: bool,
    open_document: Option<&'static str>,
    has_content_types: bool,
    has_macros: bool,
    folder: Option<Folder>,
}

/// The folder that the main part of an Office package is in.
enum Folder {
    Word,
    Excel,
    PowerPoint,
}

impl Package {
    fn entry(&mut self, name: &[u8], flags: u16) {
        self.is_encrypted |= flags & 1 != 0;
        self.has_content_types |= name == b"[Content_Types].xml";
        self.has_macros |= name.ends_with(b"vbaProject.bin");
        self.folder = match name {
            [b'w', b'o', b'r', b'd', b'/', ..] => Some(Folder::Word),
            [b'x', b'l', b'/', ..] => Some(Folder::Excel),
            [b'p', b'p', b't', b'/', ..] => Some(Folder::PowerPoint),
            _ => self.folder.take(),
        };
    }

    fn media_type(&self) -> &'static str {
        match (&self.folder, self.has_macros) {
            (_, _) if self.open_document.is_some() => self.open_document.unwrap_or_default(),
            (Some(_), _) if !self.has_content_types => "application/zip",
            (Some(Folder::Word), false) => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            (Some(Folder::Word), true) => "application/vnd.ms-word.document.macroEnabled.12",
            (Some(Folder::Excel), false) => {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
            (Some(Folder::Excel), true) => "application/vnd.ms-excel.sheet.macroEnabled.12",
            (Some(Folder::PowerPoint), false) => {
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            }
            (Some(Folder::PowerPoint), true) => {
                "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
            }
            (None, _) => "application/zip",
        }
    }
}

fn open_document(stored: &[u8]) -> Option<&'static str> {
    [
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
    ]
    .into_iter()
    .find(|media_type| stored.starts_with(media_type.as_bytes()))
}

/// Name and flags of the first entry (APPNOTE.TXT section 4.3.7).
fn local_entry(octets: &[u8]) -> Option<(&[u8], u16)> {
    let name = octets.get(30..)?.get(..usize::from(u16_at(octets, 26)?))?;
    Some((name, u16_at(octets, 6)?))
}

/// Where the central directory begins, by the record at the archive's end.
fn central_directory(octets: &[u8]) -> Option<&[u8]> {
    let tail_start = octets.len().saturating_sub(ZIP_END);
    let end = memmem::rfind(octets.get(tail_start..)?, b"PK\x05\x06")?;
    let offset = u32_at(octets.get(tail_start + end..)?, 16)?;
    octets.get(usize::try_from(offset).ok()?..)
}

/// Name and flags of the next entry of the directory, and what follows it (section 4.3.12).
fn central_entry(rest: &[u8]) -> Option<(&[u8], u16, &[u8])> {
    let after = rest.strip_prefix(b"PK\x01\x02")?;
    let [name, extra, comment] = [24, 26, 28].map(|at| u16_at(after, at).map(usize::from));
    let (flags, name, tail) = (u16_at(after, 4)?, name?, extra? + comment?);
    let (name, after) = after.get(42..)?.split_at_checked(name)?;
    Some((name, flags, after.get(tail..).unwrap_or_default()))
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|pair| u16::from_le_bytes(*pair))
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

/// Whether octets that claim to be text evidently are something else: a file with a known signature
/// and controls in it, or too many controls for any text. ESC, SO and SI are those of ISO-2022-JP;
/// text in UTF-16 and UTF-32 is text.
pub(crate) fn is_binary(octets: &[u8], charset: Option<&str>) -> bool {
    if octets.starts_with(b"%PDF-") || octets.starts_with(b"{\\rtf") {
        return true;
    }
    let is_wide = octets.starts_with(b"\xFF\xFE")
        || octets.starts_with(b"\xFE\xFF")
        || charset.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.starts_with("utf-16") || name.starts_with("utf-32") || name.starts_with("ucs-")
        });
    if is_wide {
        return false;
    }
    let is_control = |b: u8| b < b' ' && !matches!(b, b'\t'..=b'\r' | 0x0E | 0x0F | 0x1B);
    // Whole chunks without an early end, so that many octets are checked at once.
    let has_control = |chunk: &[u8]| chunk.iter().fold(false, |any, &b| any | is_control(b));
    if !octets.chunks(256).any(has_control) {
        return false;
    }
    let controls = octets.iter().filter(|&&b| is_control(b)).count();
    let is_file =
        || infer::get(octets).is_some_and(|t| t.matcher_type() != infer::MatcherType::Text);
    controls * MAX_CONTROLS_IN > octets.len() || is_file()
}

/// One control in so many octets is too many for a text.
const MAX_CONTROLS_IN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip archive with empty entries.
    fn archive(names: &[&str], flags: u16) -> Vec<u8> {
        let (mut locals, mut directory) = (Vec::new(), Vec::new());
        for name in names {
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
            directory.extend_from_slice(&flags.to_le_bytes());
            directory.extend_from_slice(&[0; 18]);
            directory.extend_from_slice(&length);
            directory.extend_from_slice(&[0; 16]);
            directory.extend_from_slice(name.as_bytes());
            locals.extend_from_slice(b"PK\x03\x04\x14\0");
            locals.extend_from_slice(&flags.to_le_bytes());
            locals.extend_from_slice(&[0; 18]);
            locals.extend_from_slice(&length);
            locals.extend_from_slice(&[0; 2]);
            locals.extend_from_slice(name.as_bytes());
        }
        let offset = u32::try_from(locals.len()).unwrap();
        let mut all = [locals, directory].concat();
        all.extend_from_slice(b"PK\x05\x06");
        all.extend_from_slice(&[0; 12]);
        all.extend_from_slice(&offset.to_le_bytes());
        all.extend_from_slice(&[0; 2]);
        all
    }

    #[test]
    fn office_packages_are_told_by_what_is_in_them() {
        for (names, media_type) in [
            (
                &["[Content_Types].xml", "xl/workbook.xml"][..],
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            (
                &["[Content_Types].xml", "xl/vbaProject.bin"],
                "application/vnd.ms-excel.sheet.macroEnabled.12",
            ),
            (
                &["word/document.xml", "[Content_Types].xml"],
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (&["a.txt", "word/notes.txt"], "application/zip"),
        ] {
            assert_eq!(detect(&archive(names, 0)), Detected { media_type, locked: None });
        }
    }

    #[test]
    fn an_archive_that_needs_a_password_is_known() {
        assert_eq!(detect(&archive(&["a.txt"], 1)).locked, Some(Code::EncryptedArchive));
        let mut cut = archive(&["a.txt"], 1);
        cut.truncate(40);
        assert_eq!(detect(&cut).locked, Some(Code::EncryptedArchive));
    }

    #[test]
    fn a_document_that_needs_a_password_is_known() {
        let locked = |octets: &[u8]| detect(octets).locked;
        for pdf in
            [&b"%PDF-1.7\ntrailer <</Root 1 0 R/Encrypt 5 0 R>>"[..], b"%PDF-1.4\n/Encrypt<<>>"]
        {
            assert_eq!(locked(pdf), Some(Code::EncryptedDocument));
        }
        assert_eq!(locked(b"%PDF-1.7\n/EncryptMetadata false (/Encryption)"), None);
        let ole =
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
        assert_eq!(locked(ole), Some(Code::EncryptedDocument));
        assert_eq!(locked(ole.split_at(ole.len() - 2).0), None);
    }

    #[test]
    fn what_is_wrapped_in_a_signature_is_told_from_what_is_encrypted() {
        let cms = |kind| {
            [b"\x30\x82\x07\xF5\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", &[kind][..]].concat()
        };
        assert!(is_signed_data(&cms(2)));
        assert!(!is_signed_data(&cms(3)));
        assert!(!is_signed_data(b"\x30\x80\x06\x09\x2A"));
        assert_eq!(detect(&cms(3)).media_type, "application/pkcs7-mime");
    }

    #[test]
    fn damaged_archives_are_archives_still() {
        let whole = archive(&["[Content_Types].xml", "xl/workbook.xml"], 0);
        for length in 4..whole.len() {
            assert!(detect(&whole[..length]).media_type.starts_with("application/"));
        }
    }

    #[test]
    fn text_in_any_japanese_charset_is_no_binary() {
        for octets in [
            &b"BM ga hajimaru\r\n"[..],
            b"\x1B$B$3$s$K$A$O\x1B(B\r\n",
            b"\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD",
            b"MZ is a signature",
            b"a\0b and so on: a stray octet",
            b"\xFF\xFEa\0b\0",
        ] {
            assert!(!is_binary(octets, None), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn files_that_claim_to_be_text_are_binary() {
        for octets in [
            &b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0"[..],
            b"%PDF-1.7\n",
            b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR and text, and text, and text, and text, and text",
            b"\0\x01\x02\x03",
        ] {
            assert!(is_binary(octets, Some("utf-8")), "{}", octets.escape_ascii());
        }
    }
}
