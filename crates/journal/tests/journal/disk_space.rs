//! A disk that is really full.

use std::fs;
use std::path::Path;
use std::process::Command;

use sekimori_journal::{Body, Filter, Journal, JournalError, Settings};

use crate::embedded::settings;
use crate::fixtures::{listed, message, original_of, submission, submit, text_of};

/// A file system of so many KiB, if this process may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Without the right to mount, the injected faults of the engine's own tests have to do.
#[test]
fn a_full_disk_is_answered_and_nothing_is_lost() {
    for reserve_octets in [0, 300_000] {
        let Some(disk) = SmallDisk::new(4_096) else {
            eprintln!("no right to mount a small disk");
            return;
        };
        let ballast = disk.path().join("ballast");
        fs::write(&ballast, vec![0; 2_500_000]).unwrap();
        let settings = Settings { reserve_octets, ..settings() };
        let path = disk.path().join("journal");
        let journal = sekimori_journal::open(&path, &settings).unwrap();
        let mut kept = Vec::new();
        let refusal = loop {
            let message = message(&journal);
            let id = message.queue_id;
            match submit(&journal, submission(vec![message])) {
                Ok(()) => kept.push(id),
                Err(error) => break error,
            }
        };
        assert!(!kept.is_empty());
        match refusal {
            JournalError::DiskLow { free, reserve } => {
                assert!(free < reserve + 5_000 && reserve == reserve_octets);
            }
            error => assert_eq!((error.reply_code().0 / 10, reserve_octets), (45, 0)),
        }
        // A larger one fails as well; the space comes back; the next is taken.
        let mut large = message(&journal);
        large.text = Body::compress(&vec![b'x'; 10_000]);
        assert!(submit(&journal, submission(vec![large])).is_err());
        fs::remove_file(&ballast).unwrap();
        let next = message(&journal);
        kept.push(next.queue_id);
        submit(&journal, submission(vec![next])).unwrap();
        drop(journal);
        let journal = sekimori_journal::open(&path, &settings).unwrap();
        assert_eq!(listed(&journal, &Filter::default()).len(), kept.len());
        for id in kept {
            assert_eq!(journal.text(id).unwrap(), text_of(id));
            assert_eq!(journal.original(id).unwrap(), original_of(id));
        }
    }
}
