//! Finding octets of ASCII in texts that are mostly of other scripts.

/// Octets that are passed over at once.
const AT_ONCE: usize = 8;
/// The bit that no octet of ASCII has, in each of them.
const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

/// Where the first octet of a kind stands, all of which is ASCII.
pub(crate) fn position(octets: &[u8], is_kind: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = octets.get(at..)?;
        let Some(chunk) = rest.first_chunk::<AT_ONCE>() else {
            return rest.iter().position(|&b| is_kind(b)).map(|found| at + found);
        };
        if u64::from_ne_bytes(*chunk) & NOT_ASCII != NOT_ASCII
            && let Some(found) = chunk.iter().position(|&b| is_kind(b))
        {
            return Some(at + found);
        }
        at += AT_ONCE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_found_wherever_they_stand() {
        for before in 0..40 {
            for after in 0..20 {
                let text = "あ".repeat(before) + "a" + &"漢字b".repeat(after);
                assert_eq!(position(text.as_bytes(), |b| b == b'a'), Some(before * 3));
                assert_eq!(position(text.as_bytes(), |b| b == b'c'), None);
            }
        }
    }
}
