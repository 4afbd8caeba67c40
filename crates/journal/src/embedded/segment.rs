//! Segment files by name, and reading from them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sekimori_policy::QueueId;

use super::record::{Decoded, Kind, Position, RecordHeader};
use crate::JournalError;
use crate::body::{self, Body, MAX_BODY_OCTETS};

/// Folder of the segment files within the journal's.
pub(super) const FOLDER: &str = "segments";
const EXTENSION: &str = "seg";
/// Segment files kept open for reading.
const OPEN_FILES: usize = 32;
/// Octets read for a record's header at first: enough for up to four owners.
const FIRST_READ: usize = 64;
/// Longest record: the header with all its owners, and a body that did not compress.
const MAX_RECORD: u64 = MAX_BODY_OCTETS + 16 * 1024 * 1024;

/// The file of a segment.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(FOLDER).join(format!("{number:010}.{EXTENSION}"))
}

/// The numbers of all segment files in a journal's folder.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder.join(FOLDER))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == EXTENSION)
            && let Some(number) =
                path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok())
        {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// Reads records, keeping some files open.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    /// Files that are elsewhere than usual, as in a backup.
    names: BTreeMap<u64, PathBuf>,
    /// Most recently used last.
    open: Mutex<Vec<(u64, Arc<File>)>>,
}

impl Segments {
    /// The segments of a journal's folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self::with_names(folder, BTreeMap::new())
    }

    /// The same, with some segments in files of other names.
    pub(super) fn with_names(folder: &Path, names: BTreeMap<u64, PathBuf>) -> Self {
        Self { folder: folder.to_owned(), names, open: Mutex::new(Vec::new()) }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.names.get(&number).cloned().unwrap_or_else(|| path(&self.folder, number))
    }

    /// The file of a segment, opened for reading.
    pub(super) fn file(&self, number: u64) -> Result<Arc<File>, JournalError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match open.iter().position(|(n, _)| *n == number) {
            Some(place) => open.remove(place).1,
            None => {
                Arc::new(File::open(self.path(number)).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => {
                        JournalError::SegmentMissing { file: self.path(number) }
                    }
                    _ => JournalError::io("opening a segment file", &error),
                })?)
            }
        };
        if open.len() >= OPEN_FILES {
            open.remove(0);
        }
        open.push((number, Arc::clone(&file)));
        Ok(file)
    }

    /// Closes a segment's file if it is open.
    pub(super) fn forget(&self, number: u64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|(n, _)| *n != number);
    }

    /// Reads and unpacks the body at a place that a message's row gave.
    pub(super) fn body(
        &self,
        position: Position,
        kind: Kind,
        owner: QueueId,
    ) -> Result<Vec<u8>, JournalError> {
        let damaged = || self.damaged(position);
        if position.length > MAX_RECORD {
            return Err(damaged());
        }
        let length = usize::try_from(position.length).map_err(|_| damaged())?;
        let mut record = vec![0; length];
        self.read_exact(position, &mut record)?;
        let Decoded::Complete { header, consumed } = RecordHeader::decode(&record) else {
            return Err(damaged());
        };
        let fits = header.kind == kind
            && header.owners.contains(&owner)
            && header.record_octets() == position.length;
        if !fits {
            return Err(damaged());
        }
        usize::try_from(consumed)
            .ok()
            .and_then(|start| record.get(start..))
            .and_then(|stored| body::decompress(stored, header.plain))
            .ok_or_else(damaged)
    }

    /// Reads the header of the record at an offset.
    pub(super) fn header(&self, number: u64, offset: u64) -> Result<RecordHeader, JournalError> {
        let position = Position { segment: number, offset, length: 0 };
        let file = self.file(number)?;
        let mut octets = vec![0; FIRST_READ];
        loop {
            let read = read_up_to(&file, &mut octets, offset)
                .map_err(|error| JournalError::io("reading a segment file", &error))?;
            match RecordHeader::decode(octets.get(..read).unwrap_or_default()) {
                Decoded::Complete { header, .. } => return Ok(header),
                Decoded::Incomplete { needed } if octets.len() < needed => {
                    octets.resize(needed, 0);
                }
                Decoded::Incomplete { .. } | Decoded::Damaged => {
                    return Err(self.damaged(position));
                }
            }
        }
    }

    /// Reads the body that follows a header as it is stored, without unpacking it.
    pub(super) fn stored(
        &self,
        position: Position,
        header: &RecordHeader,
    ) -> Result<Body, JournalError> {
        let length =
            usize::try_from(header.stored.min(MAX_RECORD)).map_err(|_| self.damaged(position))?;
        let mut stored = vec![0; length];
        let start = Position { offset: position.offset + header.octets(), ..position };
        self.read_exact(start, &mut stored)?;
        Ok(Body::from_stored(stored, header.plain))
    }

    fn read_exact(&self, position: Position, octets: &mut [u8]) -> Result<(), JournalError> {
        let file = self.file(position.segment)?;
        file.read_exact_at(octets, position.offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged(position),
            _ => JournalError::io("reading a segment file", &error),
        })
    }

    /// The error for a place that does not hold what it should.
    pub(super) fn damaged(&self, position: Position) -> JournalError {
        JournalError::damaged(format!(
            "no whole record at octet {} of {}",
            position.offset,
            self.path(position.segment).display()
        ))
    }
}

fn read_up_to(file: &File, octets: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = octets.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + read as u64) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
