//! The approved exceptions (例外措置), read from the register again and again.
//!
//! A message meets those that were read last, and of them those in force when it is received: one
//! lapses at its end whether or not it is read again. One that a person approves or ends is noticed
//! within [`PAUSE`]. When they cannot be read there are none, so that everything is held that would
//! have been held without them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sekimori_journal::{JournalError, Register, StoredException};
use sekimori_policy::{Conditions, Exception};

use crate::now;
use crate::stop::Stop;

/// Pause between two readings.
const PAUSE: Duration = Duration::from_secs(1);

/// The exceptions of each organisation, by its name.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    known: RwLock<HashMap<String, Arc<[Exception]>>>,
    /// The numbers of those whose conditions are not understood, so that each is logged once.
    unreadable: RwLock<BTreeSet<i64>>,
}

impl Exceptions {
    /// Those of an organisation.
    pub(crate) fn of(&self, organisation: &str) -> Arc<[Exception]> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(organisation).cloned().unwrap_or_default()
    }

    /// Puts what was read in place of what was known, or nothing when reading failed.
    pub(crate) fn replace(&self, read: Result<Vec<StoredException>, JournalError>) {
        let stored = read.unwrap_or_else(|error| {
            tracing::error!(%error, "exceptions cannot be read; none is in force");
            Vec::new()
        });
        let mut all: HashMap<String, Vec<Exception>> = HashMap::new();
        let mut unreadable = BTreeSet::new();
        for exception in stored {
            let conditions = Some(exception.conditions).filter(serde_json::Value::is_object);
            match conditions.map(serde_json::from_value::<Conditions>) {
                Some(Ok(conditions)) => {
                    all.entry(exception.organisation).or_default().push(Exception {
                        number: exception.id.0,
                        conditions,
                        begins_at: exception.begins_at,
                        ends_at: exception.ends_at,
                    });
                }
                Some(Err(_)) | None => {
                    unreadable.insert(exception.id.0);
                }
            }
        }
        let mut said = self.unreadable.write().unwrap_or_else(PoisonError::into_inner);
        for number in unreadable.difference(&said) {
            tracing::error!(number, "the conditions of an exception are not understood");
        }
        *said = unreadable;
        let all = all.into_iter().map(|(name, exceptions)| (name, exceptions.into()));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = all.collect();
    }
}

/// Reads them again and again until told to stop.
pub(crate) async fn keep(
    exceptions: Arc<Exceptions>,
    register: Arc<dyn Register>,
    mut stopping: Stop,
) {
    loop {
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let register = Arc::clone(&register);
        let read = tokio::task::spawn_blocking(move || register.approved_exceptions(now())).await;
        exceptions.replace(read.unwrap_or(Err(JournalError::NotWriting)));
    }
}

#[cfg(test)]
mod tests {
    use sekimori_journal::{AccountId, ExceptionId, ExceptionState};
    use serde_json::json;

    use super::*;

    fn stored(number: i64, organisation: &str, conditions: serde_json::Value) -> StoredException {
        StoredException {
            id: ExceptionId(number),
            organisation: organisation.to_owned(),
            conditions,
            requester: AccountId(1),
            requester_name: "佐藤".to_owned(),
            reason: "調査".to_owned(),
            state: ExceptionState::Approved,
            created_at: now(),
            begins_at: now(),
            ends_at: now().plus_days(1),
            decided_by: Some(AccountId(2)),
            decided_by_name: Some("伊藤".to_owned()),
            decided_at: Some(now()),
        }
    }

    fn numbers(exceptions: &Exceptions, organisation: &str) -> Vec<i64> {
        exceptions.of(organisation).iter().map(|exception| exception.number).collect()
    }

    #[test]
    fn each_organisation_has_its_own_and_what_is_not_understood_is_left_out() {
        let exceptions = Exceptions::default();
        exceptions.replace(Ok(vec![
            stored(1, "川南村", json!({"sender": ["example.jp"]})),
            stored(2, "川南村", json!({"color": "red"})),
            stored(4, "川南村", json!([["example.jp"]])),
            stored(3, "川北村", json!({"sender": ["example.jp"]})),
        ]));
        assert_eq!(numbers(&exceptions, "川南村"), [1]);
        assert_eq!(numbers(&exceptions, "川北村"), [3]);
        assert!(numbers(&exceptions, "川東村").is_empty());
    }

    #[test]
    fn when_they_cannot_be_read_there_are_none() {
        let exceptions = Exceptions::default();
        exceptions.replace(Ok(vec![stored(1, "川南村", json!({"sender": ["example.jp"]}))]));
        exceptions.replace(Err(JournalError::NotWriting));
        assert!(numbers(&exceptions, "川南村").is_empty());
    }
}
