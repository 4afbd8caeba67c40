//! Numbers that look random and are the same in every run.

/// A reproducible sequence of numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Sequence(u64);

impl Sequence {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next number, below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_number().checked_rem(bound).unwrap_or(0)
    }

    /// One of `items`. The empty string when there are none.
    pub fn choose<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let index = self.below(items.len() as u64);
        usize::try_from(index).ok().and_then(|i| items.get(i)).copied().unwrap_or_default()
    }

    /// The next `length` octets.
    pub fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octets = Vec::with_capacity(length + 8);
        while octets.len() < length {
            octets.extend_from_slice(&self.next_number().to_le_bytes());
        }
        octets.truncate(length);
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        assert_eq!(Sequence::new(7).octets(99), Sequence::new(7).octets(99));
        assert_ne!(Sequence::new(7).octets(99), Sequence::new(8).octets(99));
    }

    #[test]
    fn an_empty_choice_is_no_fault() {
        assert_eq!(Sequence::new(1).choose(&[]), "");
        assert_eq!(Sequence::new(1).below(0), 0);
    }
}
