//! The stored audit record in the hands of somebody who can write to the database but has no key.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::{deliver, folder, open_with, settings, submit_one};
use crate::chain::merge::{CheckpointFile, CheckpointLine};
use crate::embedded::connection::{Purpose, connect};
use crate::embedded::disk::RealDisk;
use crate::embedded::opening::open_on;
use crate::{
    AuditFilter, AuditKey, AuditKind, AuditRecord, AuditScope, Body, EmbeddedJournal, Journal,
    JournalError, Settings, Submission, Verification, open_for_actions,
};

/// A store with ten records of one organisation, three of the gateway among them, and a checkpoint
/// after them, closed. Gives the checkpoints as a file.
fn closed_store(path: &Path) -> String {
    let journal = open_with(path, Arc::new(RealDisk));
    for n in 0..5 {
        let (id, answer) = submit_one(&journal);
        assert_eq!(answer, Ok(()));
        deliver(&journal, id).unwrap();
        if n % 2 == 0 {
            let audit = vec![refusal()];
            super::wait(|done| journal.submit(Submission { audit, ..Submission::default() }, done))
                .unwrap();
        }
    }
    assert_eq!(journal.checkpoint(super::at(20)), Ok(2));
    assert_eq!(journal.checkpoint(super::at(21)), Ok(0), "nothing was added");
    let made = journal.checkpoints(&AuditScope::All, 0, 10).unwrap();
    made.iter().map(|made| made.checkpoint.to_json() + "\n").collect()
}

fn refusal() -> AuditRecord {
    AuditRecord {
        at: super::at(2),
        kind: AuditKind::Refused,
        organisation: None,
        queue_id: None,
        reference: None,
        actor: None,
        details: serde_json::json!({"peer": "192.0.2.9"}),
    }
}

fn verify(path: &Path, settings: &Settings, checkpoints: &str) -> Verification {
    let journal = open_for_actions(path, settings).unwrap();
    journal.verify_audit(None, &mut CheckpointFile::new(checkpoints.as_bytes())).unwrap()
}

/// Problem and numbers of every fault of 山北町, then of the gateway.
fn faults(found: &Verification) -> Vec<(&'static str, u64, u64)> {
    found.faults.iter().map(|f| (f.problem.as_str(), f.first, f.last)).collect()
}

/// Changes the database as somebody would who wants to hide something.
fn tamper(path: &Path, sql: &str) {
    let connection: Connection = connect(path, Purpose::Writing).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_cut;
             DROP TRIGGER checkpoint_is_never_changed; DROP TRIGGER checkpoint_is_never_cut;",
        )
        .unwrap();
    connection.execute_batch(sql).unwrap();
}

fn found_after(sql: &str, with_file: bool) -> Vec<(&'static str, u64, u64)> {
    let folder = folder();
    let file = closed_store(folder.path());
    let good = verify(folder.path(), &settings(), &file);
    assert!(good.is_good() && good.macs_checked && good.records == 13, "{good:?}");
    tamper(folder.path(), sql);
    faults(&verify(folder.path(), &settings(), if with_file { &file } else { "" }))
}

/// The fourth record of 山北町: the second one's delivery.
const FOURTH: &str = "number = 4 AND organisation IS NOT NULL";

#[test]
fn one_changed_octet_of_any_column_is_found_where_it_is() {
    for change in [
        "at = at + 1",
        "kind = 'deferred'",
        "kind = CAST(x'80' AS TEXT)",
        "queue_id = queue_id + 1",
        "queue_id = NULL",
        "reference = reference + 1",
        "actor = 'x'",
        "details = replace(details, '0', '1')",
        "hash = zeroblob(32)",
        "hash = NULL",
    ] {
        let found = found_after(&format!("UPDATE audit SET {change} WHERE {FOURTH}"), true);
        assert_eq!(found, [("changed", 4, 4)], "{change}");
    }
    let found = found_after(&format!("UPDATE audit SET mac = zeroblob(32) WHERE {FOURTH}"), true);
    assert_eq!(found, [("forged", 4, 4)]);
    // A record that moves leaves its own place, and stands where it does not belong.
    for change in ["number = 5", "organisation = NULL", "organisation = 77", "sequence = 100"] {
        let found = found_after(&format!("UPDATE audit SET {change} WHERE {FOURTH}"), true);
        assert!(found.contains(&("missing", 4, 4)), "{change}: {found:?}");
        assert!(found.len() > 1, "{change}: {found:?}");
    }
    let found = found_after(&format!("UPDATE audit SET number = NULL WHERE {FOURTH}"), true);
    assert!(found.contains(&("missing", 4, 4)) && found.contains(&("unchained", 0, 0)));
    let found = found_after("UPDATE organisation SET name = name || 'x'", false);
    assert!(found.contains(&("changed", 1, 10)), "{found:?}");
}

#[test]
fn a_record_removed_in_the_middle_is_found() {
    let found = found_after(&format!("DELETE FROM audit WHERE {FOURTH}"), false);
    assert_eq!(found, [("missing", 4, 4)]);
    let found = found_after("DELETE FROM audit WHERE number IN (1, 2) AND organisation = 1", false);
    assert_eq!(found, [("missing", 1, 2)]);
}

#[test]
fn records_removed_at_the_end_are_found() {
    let last = "DELETE FROM audit WHERE number > 8 AND organisation IS NOT NULL;";
    assert_eq!(
        found_after(last, false),
        [("cut-below-head", 9, 10), ("cut-below-checkpoint", 9, 10)]
    );
    // Without the store's own checkpoints, the head says it; with the head set back, its keyed hash
    // does, and so do the checkpoints that were kept elsewhere.
    let no_checkpoints = format!("{last} DELETE FROM checkpoint;");
    assert_eq!(found_after(&no_checkpoints, false), [("cut-below-head", 9, 10)]);
    let head_set_back = format!(
        "{no_checkpoints} UPDATE chain SET (number, sequence, hash) = (SELECT number, sequence, hash
         FROM audit WHERE number = 8 AND organisation IS NOT NULL) WHERE organisation = 1"
    );
    assert_eq!(found_after(&head_set_back, false), [("head-changed", 8, 8)]);
    assert_eq!(
        found_after(&head_set_back, true),
        [("head-changed", 8, 8), ("cut-below-checkpoint", 9, 10)]
    );
    let everything = "DELETE FROM audit; DELETE FROM checkpoint; DELETE FROM chain";
    assert_eq!(found_after(everything, false), []);
    assert_eq!(
        found_after(everything, true),
        [("cut-below-checkpoint", 1, 3), ("cut-below-checkpoint", 1, 10)]
    );
    let heads = "DELETE FROM chain";
    assert_eq!(found_after(heads, false), [("head-behind", 1, 3), ("head-behind", 1, 10)]);
}

#[test]
fn a_head_set_back_with_its_own_old_mac_shows_by_the_checkpoint_file_alone() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    submit_one(&journal).1.unwrap();
    let old = query_head(folder.path());
    submit_one(&journal).1.unwrap();
    journal.checkpoint(super::at(1)).unwrap();
    let made = journal.checkpoints(&AuditScope::All, 0, 10).unwrap();
    drop(journal);
    tamper(folder.path(), "DELETE FROM audit WHERE number = 2; DELETE FROM checkpoint;");
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    connection
        .execute("UPDATE chain SET number = 1, sequence = 1, hash = ?1, mac = ?2", old)
        .unwrap();
    drop(connection);
    assert!(verify(folder.path(), &settings(), "").is_good());
    let file = made[0].checkpoint.to_json();
    assert_eq!(
        faults(&verify(folder.path(), &settings(), &file)),
        [("cut-below-checkpoint", 2, 2)]
    );
}

fn query_head(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let connection = connect(path, Purpose::Reading).unwrap();
    connection
        .query_row("SELECT hash, mac FROM chain", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

#[test]
fn records_put_in_or_swapped_are_found() {
    let copy = "INSERT INTO audit SELECT 100, at, kind, organisation, queue_id, reference, actor,
        details, number, hash, mac FROM audit WHERE number = 4 AND organisation IS NOT NULL";
    let found = found_after(copy, false);
    assert!(found.contains(&("out-of-place", 4, 4)), "{found:?}");
    let next = "INSERT INTO audit SELECT 100, at, 'held', organisation, queue_id, reference, actor,
        details, 11, hash, mac FROM audit WHERE number = 10";
    let found = found_after(next, false);
    assert_eq!(found, [("changed", 11, 11), ("head-behind", 11, 11)]);
    let swap =
        "CREATE TEMP TABLE two AS SELECT * FROM audit WHERE number IN (4, 5) AND organisation = 1;
        UPDATE audit SET (at, kind, queue_id, reference, details, hash, mac) =
            (SELECT at, kind, queue_id, reference, details, hash, mac FROM two
             WHERE two.number = 9 - audit.number)
        WHERE number IN (4, 5) AND organisation = 1";
    let found = found_after(swap, false);
    // The one after them no longer follows from the one before it.
    assert_eq!(found.first(), Some(&("changed", 4, 6)), "{found:?}");
}

#[test]
fn hashes_made_anew_without_the_key_are_found() {
    let folder = folder();
    let file = closed_store(folder.path());
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    connection.execute_batch("DROP TRIGGER audit_is_never_changed").unwrap();
    let journal = open_for_actions(folder.path(), &settings()).unwrap();
    let scope = AuditScope::Organisation("山北町".to_owned());
    let filter = AuditFilter { scope, ..AuditFilter::default() };
    let mut entries = journal.audit_entries(&filter, 0, 100).unwrap();
    entries[5].details = "{}".to_owned();
    let mut previous = entries[4].hash.unwrap();
    for entry in &mut entries[5..] {
        let hash = crate::chain::export::raw(entry).unwrap().hash(&previous);
        connection
            .execute(
                "UPDATE audit SET details = ?2, hash = ?3 WHERE sequence = ?1",
                (entry.sequence.cast_signed(), &entry.details, hash),
            )
            .unwrap();
        previous = hash;
    }
    drop(journal);
    let found = faults(&verify(folder.path(), &settings(), &file));
    assert_eq!(found[0], ("forged", 6, 10), "{found:?}");
    assert!(found.contains(&("checkpoint-differs", 1, 10)), "{found:?}");
}

#[test]
fn a_changed_checkpoint_is_found() {
    for change in [
        "number = 9",
        "sequence = 500",
        "hash = zeroblob(32)",
        "at = at + 1",
        "signature = zeroblob(64)",
        "signature = x'00'",
        "at = -1",
    ] {
        let found =
            found_after(&format!("UPDATE checkpoint SET {change} WHERE number = 10"), false);
        assert_eq!(found.len(), 1, "{change}: {found:?}");
        assert_eq!(found[0].0, "checkpoint-unsigned", "{change}");
    }
}

#[test]
fn when_the_chain_cannot_be_written_nothing_crosses() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    submit_one(&journal).1.unwrap();
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER no_chain BEFORE UPDATE ON chain BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let (id, answer) = submit_one(&journal);
    assert!(matches!(answer, Err(JournalError::Database { .. })), "{answer:?}");
    assert_eq!(answer.unwrap_err().reply_code(), (451, "4.3.0"));
    assert_eq!(journal.text(id), Err(JournalError::UnknownMessage(id)));
    assert_eq!(journal.due(super::at(1), crate::DueCursor::default(), 10).unwrap().len(), 1);
    connection.execute_batch("DROP TRIGGER no_chain").unwrap();
    submit_one(&journal).1.unwrap();
}

#[test]
fn nothing_is_appended_to_a_broken_head_and_other_organisations_go_on() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    submit_one(&journal).1.unwrap();
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    for sql in [
        "UPDATE chain SET number = 0, hash = zeroblob(32)",
        "DELETE FROM chain WHERE organisation = 1",
    ] {
        connection.execute_batch(sql).unwrap();
        let broken = JournalError::ChainBroken { chain: "山北町".to_owned() };
        assert_eq!(submit_one(&journal).1, Err(broken), "{sql}");
        let mut other = super::message(&journal);
        other.organisation = "大井町".to_owned();
        let whole = Submission {
            original: Some(Body::compress(b"x")),
            messages: vec![other],
            ..Submission::default()
        };
        assert_eq!(super::wait(|done| journal.submit(whole, done)), Ok(()));
    }
}

#[test]
fn a_checkpoint_is_made_after_a_thousand_records() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    for _ in 0..5 {
        let audit = vec![refusal(); 500];
        let all = Submission { audit, ..Submission::default() };
        super::wait(|done| journal.submit(all, done)).unwrap();
    }
    let made = journal.checkpoints(&AuditScope::Gateway, 0, 10).unwrap();
    let numbers: Vec<_> = made.iter().map(|made| made.checkpoint.number).collect();
    assert_eq!(numbers, [1_000, 2_000]);
    let nothing = &mut std::iter::empty::<Result<CheckpointLine, JournalError>>();
    let found = journal.verify_audit(None, nothing).unwrap();
    assert!(found.is_good());
    assert_eq!(found.chains[0].checkpoints, 2);
}

fn open_error(path: &Path, settings: &Settings) -> JournalError {
    open_on(path, settings, Arc::new(RealDisk)).map(|_: EmbeddedJournal| ()).unwrap_err()
}

#[test]
fn a_lost_or_foreign_key_is_refused_and_reading_goes_on() {
    let folder = folder();
    let file = closed_store(folder.path());
    let path = folder.path().join("audit.key");
    let own = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let missing = JournalError::AuditKeyMissing { path: path.clone() };
    assert_eq!(open_error(folder.path(), &settings()), missing);
    assert!(missing.to_string().contains("backup"), "{missing}");
    let reading = open_for_actions(folder.path(), &settings()).unwrap();
    assert_eq!(reading.checkpoint(super::at(30)), Err(missing));
    reading.append_audit(refusal());
    let found = verify(folder.path(), &settings(), &file);
    assert!(found.is_good() && !found.macs_checked && found.records == 13);
    for (text, reason) in [
        (AuditKey::from_random(&[9; 64]).to_text(), "another journal"),
        ("nonsense".to_owned(), "is no audit key"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = open_error(folder.path(), &settings());
        assert!(error.to_string().contains(reason), "{error}");
    }
    std::fs::write(&path, own).unwrap();
    open_with(folder.path(), Arc::new(RealDisk));
}

#[test]
fn the_key_may_be_kept_elsewhere() {
    let (folder, elsewhere) = (folder(), folder());
    let key = elsewhere.path().join("chain.key");
    let settings = Settings { audit_key: Some(key.clone()), ..settings() };
    let journal = open_on(folder.path(), &settings, Arc::new(RealDisk)).unwrap();
    submit_one(&journal).1.unwrap();
    drop(journal);
    assert!(key.exists() && !folder.path().join("audit.key").exists());
    assert!(verify(folder.path(), &settings, "").macs_checked);
    let public = std::fs::read_to_string(folder.path().join("audit.pub")).unwrap();
    let read = AuditKey::from_text(&std::fs::read_to_string(&key).unwrap()).unwrap().public();
    assert_eq!(crate::AuditPublicKey::from_text(&public), Some(read));
}

#[test]
fn records_from_before_there_were_chains_stay_and_are_counted() {
    let folder = folder();
    crate::embedded::connection::create_file(folder.path()).unwrap();
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    connection.execute_batch(crate::embedded::schema::STEPS[0]).unwrap();
    connection
        .execute_batch(
            "INSERT INTO audit (at, kind, details) VALUES (1789977600000, 'lost', '{}');
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    submit_one(&journal).1.unwrap();
    let found = journal.verify_audit(None, &mut CheckpointFile::new(&b""[..])).unwrap();
    assert!(found.is_good());
    assert_eq!((found.records, found.unchained), (2, 1));
    let since = AuditFilter { since: Some(super::at(-10)), ..AuditFilter::default() };
    assert_eq!(journal.audit(&since, 0, 10).unwrap().len(), 2);
}
