//! The search index is never in the way: one that is of no use is made anew.

use std::path::Path;
use std::sync::Arc;

use sekimori_policy::QueueId;

use super::{copy, folder, open_with, submit_one};
use crate::embedded::disk::RealDisk;
use crate::embedded::{EmbeddedJournal, open_for_actions};
use crate::register::Search;
use crate::{Journal, Register, Retention, Settings};

/// The messages that a search finds by their recipient.
fn found(journal: &EmbeddedJournal) -> Vec<QueueId> {
    let search = Search {
        organisations: vec!["山北町".to_owned()],
        to: Some("soumu".to_owned()),
        ..Search::default()
    };
    journal.search_ids(&search, 100).unwrap()
}

/// A store of one message, indexed; its id.
fn indexed(path: &Path) -> QueueId {
    let journal = open_with(path, Arc::new(RealDisk));
    let (id, answer) = submit_one(&journal);
    answer.unwrap();
    assert_eq!(journal.index_messages(10), Ok(1));
    assert_eq!(journal.index_messages(10), Ok(0));
    assert_eq!(found(&journal), [id]);
    id
}

#[test]
fn an_index_that_is_lost_or_broken_is_made_anew() {
    for damage in [None, Some(&b"no database"[..])] {
        let folder = folder();
        let id = indexed(folder.path());
        let index = folder.path().join("search.db");
        match damage {
            Some(octets) => std::fs::write(&index, octets).unwrap(),
            None => std::fs::remove_file(&index).unwrap(),
        }
        let journal = open_with(folder.path(), Arc::new(RealDisk));
        assert_eq!(found(&journal), [id]);
        assert_eq!(journal.index_messages(10), Ok(1));
        assert_eq!(found(&journal), [id]);
    }
}

#[test]
fn an_index_of_another_journal_or_another_time_is_made_anew() {
    let (own, other, backup) = (folder(), folder(), folder());
    indexed(other.path());
    let first = indexed(own.path());
    copy(own.path(), backup.path());
    let index = |of: &Path| of.join("search.db");
    std::fs::copy(index(other.path()), index(own.path())).unwrap();
    let journal = open_with(own.path(), Arc::new(RealDisk));
    assert_eq!(journal.index_messages(10), Ok(1));
    let (second, answer) = submit_one(&journal);
    answer.unwrap();
    assert_eq!(journal.index_messages(10), Ok(1));
    assert_eq!(found(&journal), [second, first]);
    drop(journal);
    // The journal restored from its backup, beside the index that went on.
    std::fs::copy(index(own.path()), index(backup.path())).unwrap();
    assert!(open_for_actions(backup.path(), &Settings::default()).is_err());
    let journal = open_with(backup.path(), Arc::new(RealDisk));
    assert_eq!(journal.index_messages(10), Ok(1));
    assert_eq!(found(&journal), [first]);
}

#[test]
fn what_retention_removed_leaves_the_index() {
    let folder = folder();
    let id = indexed(folder.path());
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    super::deliver(&journal, id).unwrap();
    assert_eq!(journal.expire(super::at(100), &Retention::default()).unwrap().by_age, 1);
    assert_eq!(journal.index_messages(10), Ok(0));
    drop(journal);
    let index = rusqlite::Connection::open(folder.path().join("search.db")).unwrap();
    let rows: i64 = index
        .query_row("SELECT count(*) FROM found WHERE found MATCH 'key : o1'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}
