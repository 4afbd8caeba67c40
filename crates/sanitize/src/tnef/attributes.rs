//! The attributes of a TNEF stream ([MS-OXTNEF] section 2.1.3): a level, an id, a length, the data and
//! a checksum.

/// Octets of the signature and the key before the first attribute.
const HEAD: usize = 6;

/// attOemCodepage.
pub(super) const OEM_CODE_PAGE: u32 = 0x0006_9007;
/// attBody.
pub(super) const BODY: u32 = 0x0002_800C;
/// attMAPIProps.
pub(super) const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
/// attAttachRenddata: the first of each attachment.
pub(super) const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
/// attAttachTitle.
pub(super) const ATTACHMENT_TITLE: u32 = 0x0001_8010;
/// attAttachData.
pub(super) const ATTACHMENT_DATA: u32 = 0x0006_800F;
/// attAttachment.
pub(super) const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;

/// What an attribute is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Message,
    Attachment,
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) level: Level,
    pub(super) id: u32,
    /// Its data; of a stream that ends too early, what there is.
    pub(super) data: &'a [u8],
}

/// The attributes in order, up to the first that is none.
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(octets.get(HEAD..).unwrap_or_default())
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let (&level, rest) = self.0.split_first()?;
        let level = match level {
            1 => Level::Message,
            2 => Level::Attachment,
            _ => return None,
        };
        let (id, rest) = (number(rest)?, rest.get(4..)?);
        let (length, rest) = (usize::try_from(number(rest)?).ok()?, rest.get(4..)?);
        let (data, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.0 = rest.get(2..).unwrap_or_default();
        Some(Attribute { level, id, data })
    }
}

/// The number that the octets begin with, least octet first.
pub(super) fn number(octets: &[u8]) -> Option<u32> {
    octets.first_chunk().map(|four| u32::from_le_bytes(*four))
}
