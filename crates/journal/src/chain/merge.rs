//! Checkpoints brought into the order of the records that they are about.

use std::io::BufRead;

use super::checkpoint::{Checkpoint, MAX_CHECKPOINT_OCTETS};
use super::lines::Lines;
use super::verifier::Verifier;
use crate::JournalError;

/// What a source of checkpoints has next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointLine {
    /// A checkpoint.
    Read(Checkpoint),
    /// A line, of this number, that is none.
    Unreadable(u64),
}

/// Where checkpoints come from, in the order in which they were made.
pub type CheckpointSource<'a> = dyn Iterator<Item = Result<CheckpointLine, JournalError>> + 'a;

/// Hands checkpoints to a verifier, each after the records up to its sequence.
pub struct Checkpoints<'a> {
    source: &'a mut CheckpointSource<'a>,
    pending: Option<Checkpoint>,
    done: bool,
}

impl<'a> Checkpoints<'a> {
    /// Reads from `source`, one ahead.
    pub fn new(source: &'a mut CheckpointSource<'a>) -> Self {
        Self { source, pending: None, done: false }
    }

    /// Hands over the checkpoints about records up to `sequence`. Those that are not signed are
    /// handed over as they come: their sequence may be anything.
    pub fn feed(&mut self, verifier: &mut Verifier<'_>, sequence: u64) -> Result<(), JournalError> {
        loop {
            match self.pending.take() {
                Some(checkpoint) if checkpoint.sequence <= sequence => {
                    verifier.checkpoint(&checkpoint);
                }
                Some(later) => {
                    self.pending = Some(later);
                    return Ok(());
                }
                None => {}
            }
            if self.done {
                return Ok(());
            }
            match self.source.next() {
                Some(Ok(CheckpointLine::Read(checkpoint))) => {
                    if verifier.is_signed(&checkpoint) {
                        self.pending = Some(checkpoint);
                    } else {
                        verifier.checkpoint(&checkpoint);
                    }
                }
                Some(Ok(CheckpointLine::Unreadable(number))) => verifier.unreadable(number),
                Some(Err(error)) => return Err(error),
                None => self.done = true,
            }
        }
    }
}

/// The checkpoints of a file of JSON Lines, such as the relay appends to.
#[derive(Debug)]
pub struct CheckpointFile<R> {
    lines: Lines<R>,
    /// A line that is none, until the next shows whether it is the torn beginning of that one.
    torn: Option<(u64, String)>,
    /// A checkpoint read while a line before it had to be told of first.
    whole: Option<Checkpoint>,
    failed: bool,
}

impl<R: BufRead> CheckpointFile<R> {
    /// Reads from a file's content.
    pub fn new(reader: R) -> Self {
        Self {
            lines: Lines::new(reader, MAX_CHECKPOINT_OCTETS),
            torn: None,
            whole: None,
            failed: false,
        }
    }
}

impl<R: BufRead> Iterator for CheckpointFile<R> {
    type Item = Result<CheckpointLine, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(checkpoint) = self.whole.take() {
            return Some(Ok(CheckpointLine::Read(checkpoint)));
        }
        while !self.failed {
            let line = match self.lines.next_line() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(JournalError::io("reading checkpoints", &error)));
                }
            };
            let text = line.text.unwrap_or_default();
            if line.text == Some("") {
                continue;
            }
            let before = self.torn.take();
            let read = Checkpoint::from_json(text);
            // A crash leaves a torn line, and the whole one is written after it.
            let before = before.filter(|(_, torn)| {
                read.is_none() || torn.is_empty() || !text.starts_with(torn.as_str())
            });
            if read.is_none() {
                self.torn = Some((line.number, text.to_owned()));
            }
            match (before, read) {
                (Some((number, _)), read) => {
                    self.whole = read;
                    return Some(Ok(CheckpointLine::Unreadable(number)));
                }
                (None, Some(checkpoint)) => return Some(Ok(CheckpointLine::Read(checkpoint))),
                (None, None) => {}
            }
        }
        self.torn.take().map(|(number, _)| Ok(CheckpointLine::Unreadable(number)))
    }
}

#[cfg(test)]
mod tests {
    use sekimori_policy::Timestamp;

    use super::super::key::{AuditKey, Head};
    use super::*;

    fn read(text: &str) -> Vec<Result<u64, u64>> {
        CheckpointFile::new(text.as_bytes())
            .map(|line| match line.unwrap() {
                CheckpointLine::Read(checkpoint) => Ok(checkpoint.number),
                CheckpointLine::Unreadable(number) => Err(number),
            })
            .collect()
    }

    #[test]
    fn a_line_torn_by_a_crash_is_passed_over_and_no_other() {
        let key = AuditKey::from_random(&[7; 64]);
        let line = |number| {
            let at = Timestamp::japanese_time(1_789_977_600_000);
            Checkpoint::sign(&key, None, &Head { number, sequence: number, hash: [1; 32] }, at)
                .to_json()
        };
        let (one, two) = (line(1), line(2));
        assert_eq!(read(&format!("{one}\n\n{two}\n")), [Ok(1), Ok(2)]);
        assert_eq!(read(&format!("{}\n{one}\n", &one[..90])), [Ok(1)]);
        assert_eq!(read(&format!("{}\n{two}\n", &one[..90])), [Err(1), Ok(2)]);
        assert_eq!(read(&format!("x\ny\n{one}\nz")), [Err(1), Err(2), Ok(1), Err(4)]);
    }
}
