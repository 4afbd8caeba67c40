//! What became of the octets of an HTML source.

use std::collections::BTreeMap;

use sekimori_policy::Code;

/// How many octets of an HTML source, as UTF-8, became what. All together are its length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceOctets {
    /// Octets of text that is laid out.
    pub seen: usize,
    /// Octets left out, by the decision that says so: markup and blanks by `html-to-text`.
    pub dropped: BTreeMap<Code, usize>,
}

impl SourceOctets {
    /// All of them.
    pub fn total(&self) -> usize {
        self.seen + self.dropped.values().sum::<usize>()
    }

    /// Takes in those of another source.
    pub fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        for (&code, &octets) in &other.dropped {
            self.add(octets, Some(code));
        }
    }

    /// Takes in octets that are seen, or that are left out by a decision.
    pub(crate) fn add(&mut self, octets: usize, dropped: Option<Code>) {
        match dropped {
            None => self.seen += octets,
            Some(_) if octets == 0 => {}
            Some(code) => *self.dropped.entry(code).or_default() += octets,
        }
    }
}
