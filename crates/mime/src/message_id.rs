//! Message identifiers (RFC 5322 section 3.6.4).

use crate::header::Header;

/// Longest identifier that is taken, in octets without its angle brackets.
pub const MAX_MESSAGE_ID: usize = 255;
/// Identifiers that are kept from one field: the first ones, which say what a thread began with.
pub const FIRST_MESSAGE_IDS: usize = 5;
/// Identifiers that are kept from one field: the last ones, which say what is answered.
pub const LAST_MESSAGE_IDS: usize = 20;

impl Header<'_> {
    /// The identifiers in the first field of that name, without their angle brackets.
    ///
    /// Only those that can be written again as they are: printable ASCII without white space, angle
    /// brackets, quotes and parentheses, with something on either side of an `@`. Of many, the first
    /// [`FIRST_MESSAGE_IDS`] and the last [`LAST_MESSAGE_IDS`].
    pub fn message_ids(&self, name: &str) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let mut rest = self.field(name).unwrap_or_default();
        while let Some(open) = memchr::memchr(b'<', rest) {
            rest = rest.get(open + 1..).unwrap_or_default();
            // A `<` inside begins anew: what is before it is no identifier.
            let Some(end) = memchr::memchr2(b'<', b'>', rest) else {
                break;
            };
            let id = rest.get(..end).filter(|_| rest.get(end) == Some(&b'>'));
            if let Some(id) = id.and_then(message_id) {
                if ids.len() == FIRST_MESSAGE_IDS + LAST_MESSAGE_IDS {
                    ids.remove(FIRST_MESSAGE_IDS);
                }
                ids.push(id.to_owned());
            }
            rest = rest.get(end..).unwrap_or_default();
        }
        ids
    }
}

fn message_id(octets: &[u8]) -> Option<&str> {
    let id = std::str::from_utf8(octets).ok()?;
    let (left, right) = id.split_once('@')?;
    let plain = |side: &str| {
        !side.is_empty()
            && side.bytes().all(|b| b.is_ascii_graphic() && !b"<>()\"\\@,;".contains(&b))
    };
    (id.len() <= MAX_MESSAGE_ID && plain(left) && plain(right)).then_some(id)
}

#[cfg(test)]
mod tests {
    use crate::scan;

    fn ids(value: &str) -> Vec<String> {
        let raw = format!("References: {value}\r\n\r\n");
        let message = scan(raw.as_bytes(), &sekimori_policy::Limits::default()).unwrap();
        message.root().header.message_ids("references")
    }

    #[test]
    fn only_identifiers_that_can_be_written_again_are_taken() {
        assert_eq!(
            ids(
                "<a@b> junk <c.d+e@[192.0.2.1]>,<x y@z> <a@> <@b> <ab> <<f@g>> <h@i\r\n > <山@j> <k@l"
            ),
            ["a@b", "c.d+e@[192.0.2.1]", "f@g"]
        );
    }

    #[test]
    fn of_many_the_first_and_the_last_are_kept() {
        let kept = ids(&(0..100).map(|n| format!("<{n}@b>\r\n ")).collect::<String>());
        let (first, last) = kept.split_at(super::FIRST_MESSAGE_IDS);
        assert_eq!((first[0].as_str(), first[4].as_str()), ("0@b", "4@b"));
        assert_eq!(last.len(), super::LAST_MESSAGE_IDS);
        assert_eq!((last[0].as_str(), last[19].as_str()), ("80@b", "99@b"));
    }

    #[test]
    fn an_identifier_over_the_bound_is_not_taken() {
        let longest = "x".repeat(super::MAX_MESSAGE_ID - 2);
        assert_eq!(ids(&format!("<{longest}@b>")).len(), 1);
        assert_eq!(ids(&format!("<{longest}x@b>")).len(), 0);
    }
}
