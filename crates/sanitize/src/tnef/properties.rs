//! MAPI properties as they stand in TNEF ([MS-OXTNEF] section 2.1.3.4).

use sekimori_charset::{Decoded, decode};

use super::attributes::number;
use super::code_page;

/// `PidTagBody`.
pub(super) const BODY: u16 = 0x1000;
/// `PidTagBodyHtml` and `PidTagHtml`.
pub(super) const BODY_HTML: u16 = 0x1013;
/// `PidTagRtfCompressed`.
pub(super) const RTF_COMPRESSED: u16 = 0x1009;
/// `PidTagInternetCodepage`.
pub(super) const INTERNET_CODE_PAGE: u16 = 0x3FDE;
/// `PidTagDisplayName`.
pub(super) const DISPLAY_NAME: u16 = 0x3001;
/// `PidTagAttachDataBinary` and `PidTagAttachDataObject`.
pub(super) const ATTACH_DATA: u16 = 0x3701;
/// `PidTagAttachFilename`.
pub(super) const ATTACH_FILE_NAME: u16 = 0x3704;
/// `PidTagAttachMethod`.
pub(super) const ATTACH_METHOD: u16 = 0x3705;
/// `PidTagAttachLongFilename`.
pub(super) const ATTACH_LONG_FILE_NAME: u16 = 0x3707;
/// `PidTagAttachMimeTag`.
pub(super) const ATTACH_MIME_TAG: u16 = 0x370E;

/// A value of a type that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u32),
    /// 8-bit text in the code page of the message.
    Narrow(&'a [u8]),
    /// UTF-16, least octet first.
    Wide(&'a [u8]),
    /// Octets; of an object, its interface id included.
    Binary(&'a [u8]),
}

impl Value<'_> {
    /// The text of a string; `page` is the code page of 8-bit ones.
    pub(super) fn decoded(self, page: u32) -> Option<Decoded> {
        match self {
            Self::Narrow(octets) => {
                Some(decode(unterminated(octets), code_page::label(page).as_deref()))
            }
            Self::Wide(octets) => {
                let octets = octets.strip_suffix(b"\0\0").unwrap_or(octets);
                Some(decode(octets, Some("utf-16le")))
            }
            Self::Number(_) | Self::Binary(_) => None,
        }
    }
}

/// Octets without the NULs that end a string.
pub(super) fn unterminated(octets: &[u8]) -> &[u8] {
    let end = octets.iter().rposition(|&octet| octet != 0).map_or(0, |at| at + 1);
    octets.get(..end).unwrap_or_default()
}

/// Ids and values in order, of several values of one property each; up to the first that cannot be
/// read.
pub(super) struct Properties<'a> {
    rest: &'a [u8],
    /// Values of the property that is being read that are still to come.
    values: u32,
    id: u16,
    kind: u16,
}

impl<'a> Properties<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        // The count of properties is not needed: they end with the octets.
        Self { rest: octets.get(4..).unwrap_or_default(), values: 0, id: 0, kind: 0 }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4).and_then(number)
    }

    /// Octets of a stated length, padded to four; as many as there are where the stream ends too early.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let taken = self.take(length.min(self.rest.len()))?;
        let padding = length.wrapping_neg() % 4;
        self.rest = self.rest.get(padding..).unwrap_or_default();
        Some(taken)
    }

    /// Reads type and id of the next property, and the name of one that has a name.
    fn head(&mut self) -> Option<()> {
        const SEVERAL: u16 = 0x1000;
        let tag = self.number()?;
        let [kind_low, kind_high, id_low, id_high] = tag.to_le_bytes();
        let kind = u16::from_le_bytes([kind_low, kind_high]);
        self.id = u16::from_le_bytes([id_low, id_high]);
        self.kind = kind & !SEVERAL;
        if self.id >= 0x8000 {
            self.take(16)?;
            match self.number()? {
                0 => drop(self.take(4)?),
                _ => drop(self.sized()?),
            }
        }
        let has_count = kind & SEVERAL != 0 || matches!(self.kind, 0x0D | 0x1E | 0x1F | 0x0102);
        self.values = if has_count { self.number()? } else { 1 };
        Some(())
    }

    fn value(&mut self) -> Option<Value<'a>> {
        Some(match self.kind {
            0x1E => Value::Narrow(self.sized()?),
            0x1F => Value::Wide(self.sized()?),
            0x0D | 0x0102 => Value::Binary(self.sized()?),
            // Of 8 and 16 octets: nothing of them is needed.
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => self.take(8).map(|_| Value::Number(0))?,
            0x48 => self.take(16).map(|_| Value::Number(0))?,
            0x00..=0x04 | 0x0A | 0x0B => Value::Number(self.number()?),
            _ => return None,
        })
    }
}

impl<'a> Iterator for Properties<'a> {
    type Item = (u16, Value<'a>);

    fn next(&mut self) -> Option<(u16, Value<'a>)> {
        while self.values == 0 {
            self.head()?;
        }
        self.values -= 1;
        let value = self.value()?;
        Some((self.id, value))
    }
}
