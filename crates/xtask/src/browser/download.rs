//! Files that pages give.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::page::Page;
use super::record::Transfer;

/// A file that has arrived whole. It lasts as long as a page of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The name that it would have in the person's folder, as the browser made it of the answer.
    pub name: String,
    /// Where it came from.
    pub url: String,
    /// Where it is.
    pub file: PathBuf,
}

impl Download {
    /// What is in it.
    ///
    /// # Errors
    /// If it is gone.
    pub fn octets(&self) -> Result<Vec<u8>> {
        Ok(fs::read(&self.file)?)
    }
}

impl Page {
    /// Does something that a file is given for, and waits until all of it is there.
    ///
    /// # Errors
    /// If `action` fails, no file comes, or not all of it.
    pub fn download_by<T>(&self, action: impl FnOnce(&Self) -> Result<T>) -> Result<Download> {
        let before = self.transfers();
        action(self)?;
        let transfer = self.transfer_after(before)?;
        let file = self.person.downloads.path().join(&transfer.guid);
        Ok(Download { name: transfer.name, url: transfer.url, file })
    }

    /// How many files have begun to come to any page.
    pub(super) fn transfers(&self) -> usize {
        self.pipe().look(|state| state.transfers.len())
    }

    /// The first file that came to this page after so many had, once it is whole.
    pub(super) fn transfer_after(&self, before: usize) -> Result<Transfer> {
        let frame = self.loading(|loading| loading.frame.clone())?;
        let transfer = self.wait_in_state("a file", |state, _| {
            let mut new = state.transfers.iter().skip(before);
            new.find(|t| t.frame == frame && t.state != "inProgress").cloned()
        })?;
        ensure!(transfer.state == "completed", "{} was {}", transfer.name, transfer.state);
        Ok(transfer)
    }
}
