//! The octets of removed parts, read out of the original again.
//!
//! Nothing removed is stored twice: the original has it. The way through the message is walked once
//! more, and what is removed under the wanted section, with the wanted content, is kept.

use sekimori_mime::scan;
use sekimori_policy::{
    Envelope, Limits, Organisation, QueueId, ReferenceNumber, RemovedPart, ReversePath, Timestamp,
};

use crate::record::{Record, Wanted};
use crate::{Context, walk};

/// The octets of removed parts, out of their transfer encoding, in the order asked for. `None` for a
/// part that is not found with the section and SHA-256 that it is listed under: then the original is
/// not the one that it was removed from, or it was read under other limits.
///
/// `stop` is asked now and then whether to give up; what was found until then is given.
pub fn removed_octets(
    raw: &[u8],
    parts: &[RemovedPart],
    organisation: &Organisation,
    limits: &Limits,
    stop: &dyn Fn() -> bool,
) -> Vec<Option<Vec<u8>>> {
    let wanted = parts
        .iter()
        .map(|part| Wanted {
            section: part.section.clone(),
            sha256: part.sha256.clone(),
            octets: None,
        })
        .collect();
    let mut record = Record::default();
    record.wanted = wanted;
    let moment = Timestamp::japanese_time(0);
    let envelope = Envelope { sender: ReversePath::NULL, recipients: Vec::new() };
    let context = Context {
        queue_id: QueueId(0),
        reference: ReferenceNumber::from_bits(0),
        received_at: moment,
        keep_until: moment,
        envelope: &envelope,
        host: "",
        protocol: "",
        organisation,
        exceptions: &[],
        may_refuse: true,
        limits,
        stop,
    };
    if let Ok(message) = scan(raw, limits) {
        // When it is stopped, what was found until then stands.
        let _ = walk::text_of(&message, &context, &mut record);
    }
    record.wanted.into_iter().map(|wanted| wanted.octets).collect()
}

#[cfg(test)]
mod tests {
    use sekimori_policy::Code;

    use super::*;

    const MAIL: &[u8] = b"From: a@example.jp\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\n\r\nThe text.\r\n\
        --b\r\nContent-Type: application/octet-stream; name=a.bin\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n\
        --b\r\nContent-Type: image/png; name=b.png\r\n\r\nxyz\r\n--b--\r\n";

    fn part(section: &str, octets: &[u8]) -> RemovedPart {
        RemovedPart {
            section: section.to_owned(),
            name: "x".to_owned(),
            declared_type: "application/octet-stream".to_owned(),
            detected_type: "application/octet-stream".to_owned(),
            size: octets.len() as u64,
            sha256: crate::removal::digest(octets),
            reason: Code::AttachmentRemoved,
        }
    }

    fn read(parts: &[RemovedPart]) -> Vec<Option<Vec<u8>>> {
        let organisation = Organisation::new("山北町", Vec::new());
        removed_octets(MAIL, parts, &organisation, &Limits::default(), &|| false)
    }

    #[test]
    fn a_removed_part_is_read_out_of_the_original_again() {
        let (first, second) = (part("2", b"\x00\x01\x02\xff"), part("3", b"xyz"));
        assert_eq!(
            read(&[second, first]),
            [Some(b"xyz".to_vec()), Some(b"\x00\x01\x02\xff".to_vec())]
        );
    }

    #[test]
    fn a_part_of_another_content_or_section_is_not_given() {
        assert_eq!(read(&[part("2", b"other"), part("9", b"xyz")]), [None, None]);
        assert_eq!(read(&[]), Vec::<Option<Vec<u8>>>::new());
    }
}
