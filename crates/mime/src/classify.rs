//! Tells from a part's header how its body is to be read, by the most suspicious reading.

use crate::content_type::ContentType;
use crate::disposition::Disposition;
use crate::fault::{Fault, Faults};
use crate::file_name::{file_name, located_name};
use crate::header::Header;
use crate::parameter::{MAX_PARAMETERS, Parameter};
use crate::part::Part;
use crate::transfer_encoding::TransferEncoding;

/// Longest boundary of RFC 2046 section 5.1.1, in octets.
const STANDARD_BOUNDARY: usize = 70;
/// Longest boundary that is used, in octets. A multipart with a longer one is an opaque part.
pub const MAX_BOUNDARY: usize = 256;

/// Content types kept beside the one that a part is read by. All of them are in its header.
pub const MAX_OTHER_TYPES: usize = 3;

/// How a body is read.
pub(crate) enum Reading {
    Leaf,
    Multipart { boundary: Vec<u8> },
    Message,
}

/// Fills in what the header of `part` says of its body.
pub(crate) fn classify(part: &mut Part<'_>, in_digest: bool) -> Reading {
    let mut faults = part.faults;
    read_content_types(part, in_digest, &mut faults);
    part.transfer_encoding = read_encoding(&part.header, &mut faults);
    part.disposition = read_disposition(&part.header, &mut faults);
    part.file_name = file_name(
        part.disposition.as_ref(),
        std::iter::once(&part.content_type).chain(&part.other_content_types),
        &mut faults,
    )
    .or_else(|| part.header.field("Content-Location").and_then(located_name));
    let identity = part.transfer_encoding.is_identity();
    let reading = if part.content_type.kind == "multipart" {
        let boundary = boundary(&part.content_type.parameters, &mut faults);
        if !identity {
            faults.insert(Fault::MultipartEncoded);
        }
        match boundary {
            Some(boundary) if identity => Reading::Multipart { boundary },
            _ => Reading::Leaf,
        }
    } else if is_message(&part.content_type) {
        if identity {
            Reading::Message
        } else {
            faults.insert(Fault::MessageEncoded);
            Reading::Leaf
        }
    } else {
        Reading::Leaf
    };
    part.faults = faults;
    reading
}

/// RFC 2046 section 5.2.1, RFC 6532 section 3.7, RFC 5537 section 6.
fn is_message(content_type: &ContentType) -> bool {
    content_type.kind == "message"
        && matches!(content_type.subtype.as_str(), "rfc822" | "global" | "news")
}

fn read_content_types(part: &mut Part<'_>, in_digest: bool, faults: &mut Faults) {
    let mut types = Vec::new();
    for value in part.header.all("Content-Type") {
        let (content_type, found) = ContentType::parse(value);
        faults.merge(found);
        types.push(content_type);
    }
    if types.len() > 1 {
        faults.insert(Fault::ContentTypeRepeated);
    }
    // A container hides more than a leaf: a reader who takes this one sees its parts.
    let container = |t: &ContentType| t.kind == "multipart" || is_message(t);
    let chosen = types.iter().position(container).unwrap_or(0);
    part.content_type = if chosen < types.len() {
        types.swap_remove(chosen)
    } else if in_digest {
        ContentType::message_rfc822()
    } else {
        ContentType::text_plain()
    };
    types.retain(|t| *t != part.content_type);
    if !types.is_empty() {
        faults.insert(Fault::ContentTypesDiffer);
    }
    types.truncate(MAX_OTHER_TYPES);
    part.other_content_types = types;
}

fn read_encoding(header: &Header<'_>, faults: &mut Faults) -> TransferEncoding {
    let mut taken: Option<TransferEncoding> = None;
    for value in header.all("Content-Transfer-Encoding") {
        let (encoding, found) = TransferEncoding::parse(value);
        faults.merge(found);
        match taken {
            Some(other) if other == encoding => faults.insert(Fault::EncodingRepeated),
            Some(_) => faults.insert(Fault::EncodingsDiffer),
            None => {}
        }
        taken = taken.max(Some(encoding));
    }
    taken.unwrap_or(TransferEncoding::SevenBit)
}

fn read_disposition(header: &Header<'_>, faults: &mut Faults) -> Option<Disposition> {
    let mut taken: Option<Disposition> = None;
    for value in header.all("Content-Disposition") {
        let (mut disposition, found) = Disposition::parse(value);
        faults.merge(found);
        if let Some(first) = taken {
            faults.insert(Fault::DispositionRepeated);
            if disposition.is_inline() {
                disposition.kind = first.kind;
            }
            // Every file name stays a candidate.
            let mut parameters = first.parameters;
            parameters.append(&mut disposition.parameters);
            if parameters.len() > MAX_PARAMETERS {
                faults.insert(Fault::ParametersCut);
                parameters.truncate(MAX_PARAMETERS);
            }
            disposition.parameters = parameters;
        }
        taken = Some(disposition);
    }
    taken
}

/// The boundary that a multipart is split by. `None` leaves it whole.
fn boundary(parameters: &[Parameter], faults: &mut Faults) -> Option<Vec<u8>> {
    let named: Vec<_> = parameters.iter().filter(|p| p.name == "boundary").collect();
    let plain = named.iter().find(|p| !p.extended);
    let Some(chosen) = plain.or(named.first()) else {
        faults.insert(Fault::BoundaryMissing);
        return None;
    };
    if plain.is_none() {
        faults.insert(Fault::BoundaryExtended);
    }
    let mut octets = chosen.octets();
    if chosen.unsure || named.iter().any(|other| other.octets() != octets) {
        faults.insert(Fault::BoundariesDiffer);
    }
    let spelled = octets.len();
    octets.truncate(octets.trim_ascii_end().len());
    if octets.len() < spelled || octets.iter().any(|b| !matches!(b, b' '..=b'~')) {
        faults.insert(Fault::BoundarySyntax);
    }
    match octets.len() {
        0 => faults.insert(Fault::BoundaryEmpty),
        length if length > MAX_BOUNDARY => faults.insert(Fault::BoundaryTooLong),
        length => {
            if length > STANDARD_BOUNDARY {
                faults.insert(Fault::BoundaryLong);
            }
            return Some(octets);
        }
    }
    None
}
