//! skeleton
/// Most `Received` fields.
pub const MAX_RECEIVED: usize = 20;
/// What the verifier read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// text
    pub text: String,
    /// from
    pub from: String,
    /// subject
    pub subject: Option<String>,
    /// id
    pub message_id: Option<String>,
    /// ref
    pub reference: String,
    /// outcome
    pub outcome: String,
    /// received
    pub received: usize,
}
/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// x
    NotAscii,
}
/// Where and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// fault
    pub fault: Fault,
    /// line
    pub line: usize,
    /// field
    pub field: Option<&'static str>,
}
/// Verifies.
pub fn verify(octets: &[u8], max_text_octets: usize) -> Result<Verified, Violation> {
    let _ = (octets, max_text_octets);
    Err(Violation {
        fault: Fault::NotAscii,
        line: 1,
        field: None,
    })
}
