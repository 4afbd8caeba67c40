//! Appending to the newest segment.
//!
//! Of the newest segment's file: `committed <= written`. What is before `committed` belongs to
//! transactions that are committed, or could turn out to be, and is never cut or written again; what
//! is after belongs to the batch in progress.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use sekimori_policy::QueueId;

use super::disk::Disk;
use super::record::{Kind, Position, RecordHeader, segment_header};
use super::segment;
use crate::{Body, JournalError};

/// Octets gathered before they are written: small bodies go to the disk many at a time, larger ones
/// straight from where they are.
const BUFFER: usize = 256 * 1024;

/// The newest segment.
#[derive(Debug)]
struct Newest {
    number: u64,
    file: File,
    committed: u64,
    /// Octets handed to the operating system, the buffer not counted.
    written: u64,
}

/// What the batch in progress has made of the newest segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Number of the segment.
    pub(super) number: u64,
    /// Its length once the batch is committed.
    pub(super) length: u64,
}

/// Appends records to the newest segment.
#[derive(Debug)]
pub(super) struct Appender {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    newest: Option<Newest>,
    next_number: u64,
    segment_octets: u64,
    buffer: Vec<u8>,
}

impl Appender {
    /// Goes on at the end of the newest segment, given as its number, file and committed length, or
    /// at a first one.
    pub(super) fn new(
        folder: PathBuf,
        disk: Arc<dyn Disk>,
        newest: Option<(u64, File, u64)>,
        segment_octets: u64,
    ) -> Self {
        let next_number = newest.as_ref().map_or(1, |(number, ..)| number + 1);
        Self {
            folder,
            disk,
            newest: newest.map(|(number, file, committed)| Newest {
                number,
                file,
                committed,
                written: committed,
            }),
            next_number,
            segment_octets,
            buffer: Vec::with_capacity(BUFFER),
        }
    }

    /// Appends one record for the batch in progress. Where it is becomes true with the commit.
    pub(super) fn append(
        &mut self,
        kind: Kind,
        owners: Vec<QueueId>,
        body: &Body,
    ) -> Result<Position, JournalError> {
        if body.stored().is_empty() {
            return Err(JournalError::Misuse("a body that could not be compressed"));
        }
        let header =
            RecordHeader { kind, owners, stored: body.stored_octets(), plain: body.plain_octets() };
        let (segment, offset) = self.place()?;
        self.gather(&header.encode())?;
        self.gather(body.stored())?;
        Ok(Position { segment, offset, length: header.record_octets() })
    }

    /// Waits until what the batch appended survives a power cut. `None` when it appended nothing.
    pub(super) fn sync(&mut self) -> Result<Option<Extent>, JournalError> {
        self.flush()?;
        let Some(newest) = &self.newest else {
            return Ok(None);
        };
        if newest.written == newest.committed {
            return Ok(None);
        }
        if let Err(error) = self.disk.sync(&newest.file) {
            // After a failed sync the system may have dropped the pages and call the next sync a
            // success: nothing that goes to this file from here on could be trusted.
            tracing::error!(segment = newest.number, %error, "a segment could not be synced and is left");
            self.newest = None;
            return Err(JournalError::io("syncing a segment file", &error));
        }
        Ok(Some(Extent { number: newest.number, length: newest.written }))
    }

    /// The batch's transaction is committed, or could turn out to be.
    pub(super) fn keep(&mut self) {
        if let Some(newest) = &mut self.newest {
            newest.committed = newest.written;
        }
    }

    /// The batch is given up before its COMMIT: its octets are cut off.
    pub(super) fn undo(&mut self) {
        self.buffer.clear();
        if let Some(newest) = &mut self.newest
            && newest.written > newest.committed
        {
            if let Err(error) = self.disk.cut(&newest.file, newest.committed) {
                // They are written over by the next batch, or cut when the journal is opened.
                tracing::warn!(segment = newest.number, %error, "a segment could not be cut");
            }
            newest.written = newest.committed;
        }
    }

    /// Number of the segment and offset that the next octet goes to.
    fn place(&mut self) -> Result<(u64, u64), JournalError> {
        let full = self.newest.as_ref().is_some_and(|newest| {
            // Only between batches, so that one batch is one sync.
            newest.committed >= self.segment_octets
                && newest.written == newest.committed
                && self.buffer.is_empty()
        });
        if full || self.newest.is_none() {
            self.begin_segment()?;
        }
        match &self.newest {
            Some(newest) => {
                if newest.written == 0 && self.buffer.is_empty() {
                    self.buffer.extend_from_slice(&segment_header(newest.number));
                }
                Ok((newest.number, newest.written + self.buffer.len() as u64))
            }
            None => Err(JournalError::NotWriting),
        }
    }

    fn begin_segment(&mut self) -> Result<(), JournalError> {
        // A number whose file could not be made is not tried again: what was left of it goes when
        // the journal is opened next.
        let number = self.next_number;
        self.next_number += 1;
        let file = self
            .disk
            .create(&segment::path(&self.folder, number))
            .map_err(|error| JournalError::io("making a segment file", &error))?;
        // Without its name on the disk the file would be missing after a power cut.
        self.disk
            .sync_folder(&self.folder.join(segment::FOLDER))
            .map_err(|error| JournalError::io("syncing the segments' folder", &error))?;
        self.newest = Some(Newest { number, file, committed: 0, written: 0 });
        Ok(())
    }

    fn gather(&mut self, octets: &[u8]) -> Result<(), JournalError> {
        if self.buffer.len() + octets.len() > BUFFER {
            self.flush()?;
        }
        if octets.len() < BUFFER {
            self.buffer.extend_from_slice(octets);
            return Ok(());
        }
        self.write_out(octets)
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.write_out(&buffer);
        buffer.clear();
        self.buffer = buffer;
        result
    }

    fn write_out(&mut self, octets: &[u8]) -> Result<(), JournalError> {
        let Some(newest) = &mut self.newest else {
            return Ok(());
        };
        if octets.is_empty() {
            return Ok(());
        }
        let result = self.disk.write(&newest.file, newest.written, octets);
        // Counted whether or not all of it was written, so that undoing cuts what was.
        newest.written += octets.len() as u64;
        result.map_err(|error| JournalError::io("appending to a segment file", &error))
    }
}
