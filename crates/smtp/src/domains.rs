//! The domains that may be recipients.

use sekimori_policy::Domain;

/// The domains whose mail is taken, with the one that `postmaster` alone belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientDomains {
    first: Option<Domain>,
    sorted: Vec<Domain>,
}

impl RecipientDomains {
    /// The domains in the order configured. The first is that of `<postmaster>` without a domain.
    pub fn new(domains: Vec<Domain>) -> Self {
        let first = domains.first().cloned();
        let mut sorted = domains;
        sorted.sort_unstable();
        sorted.dedup();
        Self { first, sorted }
    }

    /// Whether mail for `domain` is taken.
    pub fn contains(&self, domain: &Domain) -> bool {
        self.sorted.binary_search(domain).is_ok()
    }

    /// The domain of `<postmaster>` (RFC 5321 section 4.5.1), if any domain is configured.
    pub fn first(&self) -> Option<&Domain> {
        self.first.as_ref()
    }
}
