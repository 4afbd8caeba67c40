//! What becomes of every fixture mail is what was reviewed, and every judgement of it holds.

use std::path::{Path, PathBuf};

use sekimori_xtask::fixtures::{Settings, review};

#[test]
fn every_fixture_mail_becomes_what_was_reviewed() {
    let review = review(&Settings {
        binary: PathBuf::from(env!("CARGO_BIN_EXE_sekimori")),
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures"),
        filter: None,
        accept: false,
    })
    .unwrap();
    let changes: String = review.changes.iter().map(|change| format!("{change}\n")).collect();
    let violations: String = review.violations.iter().map(|fault| format!("{fault}\n")).collect();
    assert!(
        review.is_clean(),
        "{changes}{violations}Read what differs; if it is right: cargo xtask fixtures --accept"
    );
    assert!(review.mails >= 138, "only {} mails were found", review.mails);
}
