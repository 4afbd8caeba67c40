//! Start, reload and stop of the running relay.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sekimori_journal::{AuditKind, AuditRecord, Journal, Register};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::convert::Converter;
use crate::counters::Counters;
use crate::crossing::{self, Crossing};
use crate::deliver::{Delivery, HopStatus};
#[cfg(feature = "internet")]
use crate::exceptions::{self, Exceptions};
use crate::receive::{Connections, bind, listen, room_for_journal, room_for_messages};
use crate::settings::{Half, Settings};
#[cfg(feature = "internet")]
use crate::shared::Sanitizing;
use crate::shared::{Live, Shared, Transform};
use crate::stop::Stopper;
use crate::{RelayError, audit, housekeeping, now};
#[cfg(feature = "internet")]
use crate::{canary, digest, hand_over};

/// How long sessions in the middle of a message may go on after a stop.
const DRAIN: Duration = Duration::from_secs(30);

/// A running relay.
pub struct Relay {
    shared: Arc<Shared>,
    stop_receiving: Stopper,
    stop_delivering: Stopper,
    listeners: Mutex<JoinSet<()>>,
    house: Mutex<JoinSet<()>>,
    stop_auditing: Stopper,
    auditing: Mutex<JoinSet<()>>,
    addresses: Vec<SocketAddr>,
}

impl Relay {
    /// Opens the listeners and starts to deliver what the journal has queued.
    ///
    /// Must be called on a tokio runtime. Port 0 in the settings takes any free port, which
    /// [`Relay::addresses`] then tells.
    pub fn start(settings: &Settings, register: &Arc<dyn Register>) -> Result<Self, RelayError> {
        let listeners = settings
            .receive
            .listen
            .iter()
            .map(|&address| bind(address))
            .collect::<Result<Vec<TcpListener>, _>>()?;
        let journal: Arc<dyn Journal> = Arc::clone(register) as _;
        let counters = Arc::new(Counters::default());
        let (stop_receiving, receiving) = Stopper::new();
        let (stop_delivering, delivering) = Stopper::new();
        let converter = Converter::start(settings.convert.workers, settings.convert.deadline)?;
        let live = Live::new(settings.clone())?;
        let syslog = audit::Target::new(settings)?;
        let crossing = Arc::new(Crossing::new(Arc::clone(register)));
        let delivery = Delivery::start(
            settings,
            Arc::clone(&journal),
            Arc::clone(&counters),
            Arc::clone(&crossing),
            delivering.clone(),
        );
        let transform = match settings.half {
            Half::Lgwan => Transform::Verify(converter),
            #[cfg(feature = "internet")]
            Half::Internet => {
                let exceptions = Arc::new(Exceptions::default());
                exceptions.replace(register.approved_exceptions(now()));
                let in_conversion = Arc::default();
                Transform::Sanitize(Sanitizing {
                    converter,
                    workers: settings.convert.pool.clone(),
                    canary: settings.canary.clone(),
                    in_conversion,
                    exceptions,
                })
            }
            #[cfg(not(feature = "internet"))]
            Half::Internet => return Err(RelayError::GateAlone),
        };
        let shared = Arc::new(Shared {
            journal: Arc::clone(&journal),
            transform,
            counters,
            room: room_for_messages(&settings.receive),
            journal_room: room_for_journal(&settings.receive),
            connections: Connections::default(),
            strangers: Connections::default(),
            delivery,
            crossing: Arc::clone(&crossing),
            live: watch::Sender::new(Arc::new(live)),
        });
        let mut tasks = JoinSet::new();
        let mut addresses = Vec::new();
        for listener in listeners {
            if let Ok(address) = listener.local_addr() {
                addresses.push(address);
            }
            tasks.spawn(listen(listener, Arc::clone(&shared), receiving.clone()));
        }
        let mut house = JoinSet::new();
        let (stop_auditing, audit_stopping) = Stopper::new();
        let mut auditing = JoinSet::new();
        auditing.spawn(audit::keep_checkpoints(
            Arc::clone(&journal),
            settings.audit.clone(),
            audit_stopping.clone(),
        ));
        if let Some(target) = syslog {
            auditing.spawn(audit::send(Arc::clone(&journal), target, audit_stopping));
        }
        house.spawn(housekeeping::keep_house(journal, settings.retention, delivering.clone()));
        house.spawn(housekeeping::keep_register(Arc::clone(register), delivering.clone()));
        house.spawn(crossing::keep(Arc::clone(&crossing), delivering.clone()));
        house.spawn(crossing::keep_verified(crossing, settings.audit.verify, delivering.clone()));
        #[cfg(feature = "internet")]
        if let Transform::Sanitize(Sanitizing { exceptions, .. }) = &shared.transform {
            let exceptions = Arc::clone(exceptions);
            house.spawn(exceptions::keep(exceptions, Arc::clone(register), delivering.clone()));
            house.spawn(canary::keep(Arc::clone(&shared), settings.clone(), delivering.clone()));
            house.spawn(digest::keep(
                Arc::clone(&shared),
                Arc::clone(register),
                delivering.clone(),
            ));
            house.spawn(hand_over::hand_over(Arc::clone(register), settings.clone(), delivering));
        }
        let relay = Self {
            shared,
            stop_receiving,
            stop_delivering,
            listeners: Mutex::new(tasks),
            house: Mutex::new(house),
            stop_auditing,
            auditing: Mutex::new(auditing),
            addresses,
        };
        relay.record_configuration("started");
        Ok(relay)
    }

    /// The addresses listened on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What the relay counts.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// How the next hops are, the first the one toward LGWAN.
    pub fn hops(&self) -> Vec<HopStatus> {
        self.shared.delivery.hops()
    }

    /// Whether the crossing of all mail is stopped.
    pub fn is_stopped(&self) -> bool {
        self.shared.crossing.is_all_stopped()
    }

    /// The stops in force, a line each for people, without addresses.
    pub fn stops(&self) -> Vec<String> {
        self.shared.crossing.described()
    }

    /// Octets of messages in flight now.
    pub fn octets_in_flight(&self) -> usize {
        self.shared.room.taken()
    }

    /// Puts new settings in force for sessions that begin from now on: peers, domains,
    /// organisations, limits and certificates. Listeners, next hops, threads and the journal stay as
    /// they were started.
    ///
    /// # Errors
    /// When a certificate cannot be used; then nothing is changed.
    pub fn reload(&self, settings: Settings) -> Result<(), RelayError> {
        let live = Live::new(settings)?;
        self.shared.live.send_replace(Arc::new(live));
        self.record_configuration("reloaded");
        Ok(())
    }

    fn record_configuration(&self, what: &str) {
        let live = self.shared.live();
        let organisations: Vec<_> = live
            .settings
            .organisations
            .iter()
            .map(|o| {
                json!({"name": o.name, "domains": o.domains, "mode": o.mode, "links": o.links,
                    "link_placement": o.link_placement, "encrypted": o.encrypted,
                    "two_person_text": o.two_person_text,
                    "two_person_original": o.two_person_original, "undo_days": o.undo_days,
                    "authentication_hosts": o.authentication_hosts, "rules": o.rules})
            })
            .collect();
        self.shared.journal.append_audit(AuditRecord {
            at: now(),
            kind: AuditKind::Configured,
            organisation: None,
            queue_id: None,
            reference: None,
            actor: None,
            details: json!({"what": what, "organisations": organisations}),
        });
    }

    /// Stops: no new connections, sessions end after the message they are in (at most 30 s), workers
    /// finish the message in hand. What is queued stays in the journal.
    pub async fn stop(&self) {
        self.stop_receiving.stop();
        let mut listeners = std::mem::take(&mut *lock(&self.listeners));
        let drained =
            tokio::time::timeout(DRAIN, async { while listeners.join_next().await.is_some() {} })
                .await;
        if drained.is_err() {
            tracing::warn!("sessions that did not end in time are cut");
            listeners.shutdown().await;
        }
        self.stop_delivering.stop();
        self.shared.delivery.finish().await;
        let mut house = std::mem::take(&mut *lock(&self.house));
        while house.join_next().await.is_some() {}
        // Last, so that the last checkpoints name what was done last.
        self.stop_auditing.stop();
        let mut auditing = std::mem::take(&mut *lock(&self.auditing));
        while auditing.join_next().await.is_some() {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
