//! A worker at work.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use sekimori_sanitize::{Context, Sanitized, sanitize};

use super::{Answer, MESSAGES, Request, frame};

/// Sanitizes what comes in until there is no more, or [`MESSAGES`] were. To be run on a thread with the
/// stack of a converting one, in a process that has confined itself.
///
/// # Errors
/// When the relay has gone, or sent what it never does.
pub fn serve(input: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    for _ in 0..MESSAGES {
        let Some((object, raw)) = frame::read(input)? else { return Ok(()) };
        let request: Request<'_> = serde_json::from_slice(&object)?;
        let deadline = Instant::now() + Duration::from_millis(request.millis);
        let context = Context {
            queue_id: request.queue_id,
            reference: request.reference,
            received_at: request.received_at,
            keep_until: request.keep_until,
            envelope: &request.envelope,
            host: &request.host,
            protocol: &request.protocol,
            organisation: &request.organisation,
            exceptions: &request.exceptions,
            may_refuse: request.may_refuse,
            limits: &request.limits,
            stop: &|| Instant::now() >= deadline,
        };
        let Sanitized { message, outcome, decisions, removed, notify, summary, .. } =
            sanitize(&raw, &context);
        let answer = Answer { outcome, decisions, removed, notify, summary };
        frame::write(out, &serde_json::to_vec(&answer)?, &message)?;
    }
    Ok(())
}
