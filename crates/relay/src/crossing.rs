//! Stops of the crossing (非常停止): while one is in force, what it is for goes nowhere.
//!
//! Stops are kept in the journal, so that they outlive the process and the command line can make them
//! beside it. They are read every [`PAUSE`]; as long as they cannot be read, nothing crosses at all.
//! What is stopped stays queued: it is neither tried, nor given up, nor reported.
//!
//! The program stops by itself too. Such a stop is in force at once, and written as soon as it can be.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sekimori_journal::{Actor, JournalError, Register, Route, StopCause, StopScope, StoredStop};
use sekimori_policy::{ReversePath, Timestamp};

use crate::now;
use crate::stop::Stop;

/// How often stops are read: one takes effect within twice this time.
const PAUSE: Duration = Duration::from_millis(250);
/// Who stops when no person does.
const PROGRAM: &str = "sekimori";

/// The stops in force.
pub(crate) struct Crossing {
    register: Arc<dyn Register>,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// `None` as long as they cannot be read.
    known: Option<Vec<StoredStop>>,
    /// Stops of the program's own that are not written yet.
    unwritten: Vec<(StopCause, String)>,
    last_resumed: Option<Timestamp>,
}

impl Crossing {
    /// With the stops that a register has.
    pub(crate) fn new(register: Arc<dyn Register>) -> Self {
        let crossing = Self { register, state: RwLock::default() };
        crossing.read();
        crossing
    }

    /// Whether a message may not go on for now.
    pub(crate) fn is_stopped(
        &self,
        route: Route,
        organisation: &str,
        sender: &ReversePath,
    ) -> bool {
        let state = self.state();
        // Reports go back to the Internet segment, where nothing of theirs can do harm.
        route == Route::Forward && state.is_stopped(organisation, sender)
    }

    /// Whether everything is stopped.
    pub(crate) fn is_all_stopped(&self) -> bool {
        self.state().is_all_stopped()
    }

    /// What is stopped, a line each, for people; without addresses.
    pub(crate) fn described(&self) -> Vec<String> {
        let state = self.state();
        let Some(known) = &state.known else {
            return vec!["crossing stopped: the stops in force cannot be read".to_owned()];
        };
        let written = known.iter().map(|stop| {
            let what = match &stop.scope {
                StopScope::All => "all mail".to_owned(),
                StopScope::Organisation(name) => format!("mail of {name}"),
                StopScope::SenderDomain(_) => "mail of one sender's domain".to_owned(),
            };
            format!(
                "crossing stopped: {what}, stop {} by {} ({}) at {}",
                stop.id.0,
                stop.stopped_by,
                stop.cause.as_str(),
                stop.stopped_at.rfc3339()
            )
        });
        let unwritten = state.unwritten.iter().map(|(cause, _)| {
            format!(
                "crossing stopped: all mail, by {PROGRAM} ({}), not on record yet",
                cause.as_str()
            )
        });
        written.chain(unwritten).collect()
    }

    /// The moment from which a message's time to be given up counts: what was stopped meanwhile has
    /// not been tried.
    pub(crate) fn tried_since(&self, received_at: Timestamp) -> Timestamp {
        match self.state().last_resumed {
            Some(resumed) if resumed.unix_millis() > received_at.unix_millis() => resumed,
            _ => received_at,
        }
    }

    /// Stops everything, at once.
    pub(crate) fn stop_all(self: &Arc<Self>, cause: StopCause, reason: &str) {
        tracing::error!(cause = cause.as_str(), reason, "the crossing of all mail is stopped");
        self.change().unwritten.push((cause, reason.to_owned()));
        let crossing = Arc::clone(self);
        tokio::task::spawn_blocking(move || crossing.write());
    }

    /// Writes what is not written yet, then reads what is in force.
    fn refresh(&self) {
        self.write();
        self.read();
    }

    fn write(&self) {
        let unwritten = self.state().unwritten.clone();
        for (cause, reason) in unwritten {
            let actor = Actor::named(PROGRAM, reason.clone());
            match self.register.add_stop(&StopScope::All, cause, &actor, now()) {
                Ok(_) => {
                    // Read before it is forgotten, so that there is no moment without it.
                    self.read();
                    let mut state = self.change();
                    if let Some(at) =
                        state.unwritten.iter().position(|one| one.0 == cause && one.1 == reason)
                    {
                        state.unwritten.remove(at);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a stop is in force, but cannot be put on record yet");
                }
            }
        }
    }

    fn read(&self) {
        let read =
            self.register.stops().and_then(|stops| Ok((stops, self.register.last_resumed()?)));
        let mut state = self.change();
        match read {
            Ok((stops, last_resumed)) => {
                state.known = Some(stops);
                state.last_resumed = last_resumed;
            }
            Err(error) => {
                if state.known.take().is_some() {
                    tracing::error!(%error, "the stops in force cannot be read; nothing crosses");
                }
            }
        }
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_all_stopped(&self) -> bool {
        let Some(known) = &self.known else { return true };
        !self.unwritten.is_empty() || known.iter().any(|stop| stop.scope == StopScope::All)
    }

    fn is_stopped(&self, organisation: &str, sender: &ReversePath) -> bool {
        if self.is_all_stopped() {
            return true;
        }
        let domain = sender.0.as_ref().map(|address| address.domain().as_str());
        self.known.iter().flatten().any(|stop| match &stop.scope {
            StopScope::All => true,
            StopScope::Organisation(name) => name == organisation,
            StopScope::SenderDomain(stopped) => {
                domain.is_some_and(|domain| domain.to_lowercase() == *stopped)
            }
        })
    }
}

/// Keeps the stops up to date until told to stop.
pub(crate) async fn keep(crossing: Arc<Crossing>, mut stopping: Stop) {
    loop {
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let crossing = Arc::clone(&crossing);
        // A panic in it leaves the stops as they were, and the next round tries again.
        let _ = tokio::task::spawn_blocking(move || crossing.refresh()).await;
    }
}

/// Checks the audit chains at the start and every `interval`, and stops the crossing when they do not
/// hold.
pub(crate) async fn keep_verified(
    crossing: Arc<Crossing>,
    interval: Option<Duration>,
    mut stopping: Stop,
) {
    let Some(interval) = interval else { return };
    loop {
        let register = Arc::clone(&crossing.register);
        let checked = tokio::task::spawn_blocking(move || {
            register.verify_audit(None, &mut std::iter::empty())
        });
        let fault = match checked.await {
            Ok(Ok(verification)) if verification.is_good() => None,
            Ok(Ok(_)) => Some("the audit record was changed, cut or put in".to_owned()),
            Ok(Err(error @ JournalError::ChainBroken { .. })) => Some(error.to_string()),
            Ok(Err(error)) => {
                tracing::error!(%error, "the audit record could not be checked");
                None
            }
            Err(_) => None,
        };
        if let Some(fault) = fault {
            crossing.stop_all(StopCause::AuditChain, &fault);
        }
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}
