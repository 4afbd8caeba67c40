//! The way from octets to a text message.
use sekimori_policy::Code;

use crate::{Context, Sanitized, held};

/// Turns a raw message into a text message of the profile. Never fails: whatever cannot be done
/// holds the message.
pub fn sanitize(raw: &[u8], context: &Context<'_>) -> Sanitized {
    let _ = raw;
    held(context, Code::HoldError, None)
}
