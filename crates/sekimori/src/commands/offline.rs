//! Conversion without a relay, for `sanitize` and `replay`.
//!
//! The same input and configuration give the same output: the reference number comes from the
//! message's own SHA-256, and the time of receipt is the message's own date.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use sekimori_policy::{
    Code, Decision, Decisions, Domain, Effect, Envelope, Limits, Organisation, Outcome, QueueId,
    ReferenceNumber, RemovedPart, ReversePath, Timestamp,
};
use sekimori_relay::convert::Deadline;
use sekimori_relay::{Conversion, convert_one};
use sekimori_sanitize::{Context, SourceOctets, Totals, held};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::configuration;
use crate::exit::{Exit, Failure};

/// Time of receipt of a message that has no date: 1 January 2000 in Japan.
const WITHOUT_DATE: i64 = 946_652_400_000;
/// Our name in `Received` fields when no configuration names us.
const HOST: &str = "sekimori.example";

/// What conversion without a relay needs to know. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Offline {
    settings: Arc<Settings>,
}

struct Settings {
    organisation: Organisation,
    limits: Limits,
    host: String,
    max_message_octets: usize,
    workers: usize,
    deadline: std::time::Duration,
}

/// A decision as printed.
#[derive(Debug, Serialize)]
pub(crate) struct PrintedDecision<'a> {
    #[serde(flatten)]
    decision: &'a Decision,
    effect: Effect,
}

/// Decisions as printed.
pub(crate) fn printed<'a>(
    decisions: impl IntoIterator<Item = &'a Decision>,
) -> Vec<PrintedDecision<'a>> {
    decisions
        .into_iter()
        .map(|decision| PrintedDecision { decision, effect: decision.code.effect() })
        .collect()
}

/// One converted message.
pub(crate) struct Converted {
    /// The text-only message.
    pub(crate) message: Vec<u8>,
    /// What would become of it.
    pub(crate) outcome: Outcome,
    /// What was decided.
    pub(crate) decisions: Decisions,
    /// What was removed.
    pub(crate) removed: Vec<RemovedPart>,
    /// How many octets of the input had which fate.
    pub(crate) octets: Totals,
    /// What became of the HTML that is shown.
    pub(crate) html: SourceOctets,
    /// Time the conversion took.
    pub(crate) micros: u64,
}

impl Converted {
    /// What becomes of a message over the size that the relay takes.
    pub(crate) fn too_large() -> Self {
        let mut decisions = Decisions::new();
        decisions.add(Code::RejectSize);
        Self {
            message: Vec::new(),
            outcome: decisions.outcome(),
            decisions,
            removed: Vec::new(),
            octets: Totals::default(),
            html: SourceOctets::default(),
            micros: 0,
        }
    }
}

impl Offline {
    /// From a configuration, or the defaults without one.
    pub(crate) fn new(config: Option<&Path>, organisation: Option<&str>) -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let Some(config) = config else {
            let own = Domain::parse("town.example.lg.jp")
                .map_err(|error| Failure::new(Exit::Software, error))?;
            let settings = Settings {
                organisation: Organisation::new(organisation.unwrap_or("default"), vec![own]),
                limits: Limits::default(),
                host: HOST.to_owned(),
                max_message_octets: 50 * 1024 * 1024,
                workers: cores,
                deadline: std::time::Duration::from_secs(20),
            };
            return Ok(Self { settings: Arc::new(settings) });
        };
        let (_, checked) = configuration::read(Some(config))?;
        let relay = checked.relay;
        let found = relay
            .organisations
            .iter()
            .find(|candidate| organisation.is_none_or(|name| candidate.name == name))
            .ok_or_else(|| {
                let name = organisation.unwrap_or_default();
                Failure::new(Exit::Usage, format!("no organisation is called {name:?}"))
            })?;
        let settings = Settings {
            organisation: Organisation::clone(found),
            limits: relay.convert.limits,
            host: relay.hostname,
            max_message_octets: relay.receive.max_message_octets,
            workers: cores,
            deadline: relay.convert.deadline,
        };
        Ok(Self { settings: Arc::new(settings) })
    }

    /// Octets of the largest message taken.
    pub(crate) fn max_message_octets(&self) -> usize {
        self.settings.max_message_octets
    }

    /// Conversions at once by default.
    pub(crate) fn workers(&self) -> usize {
        self.settings.workers
    }

    /// Longest time of one conversion.
    pub(crate) fn deadline(&self) -> std::time::Duration {
        self.settings.deadline
    }

    /// Converts one message. `None` when the verifier refuses even the text that says that the
    /// message is held.
    pub(crate) fn convert(&self, raw: &[u8], deadline: Deadline) -> Option<Converted> {
        let begun = Instant::now();
        let stop = || deadline.passed();
        let Conversion { sanitized, .. } =
            self.with_context(raw, &stop, |context| convert_one(raw, context))?;
        Some(Converted {
            message: sanitized.message,
            outcome: sanitized.outcome,
            decisions: sanitized.decisions,
            removed: sanitized.removed,
            octets: sanitized.account.totals(),
            html: sanitized.html,
            micros: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// What a message becomes whose conversion failed.
    pub(crate) fn failed(&self, raw: &[u8], code: Code) -> Converted {
        let sanitized =
            self.with_context(raw, &|| false, |context| held(context, raw.len(), code, None));
        Converted {
            message: sanitized.message,
            outcome: sanitized.outcome,
            decisions: sanitized.decisions,
            removed: sanitized.removed,
            octets: sanitized.account.totals(),
            html: sanitized.html,
            micros: 0,
        }
    }

    fn with_context<T>(
        &self,
        raw: &[u8],
        stop: &dyn Fn() -> bool,
        work: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let digest = Sha256::digest(raw);
        let bits = digest.iter().take(5).fold(0_u64, |bits, &octet| (bits << 8) | u64::from(octet));
        let received_at = sekimori_mime::scan(raw, &self.settings.limits)
            .ok()
            .and_then(|message| message.root().header.date())
            .map_or(WITHOUT_DATE, Timestamp::unix_millis);
        let received_at = Timestamp::japanese_time(received_at);
        let envelope = Envelope { sender: ReversePath::NULL, recipients: Vec::new() };
        work(&Context {
            queue_id: QueueId(bits),
            reference: ReferenceNumber::from_bits(bits),
            received_at,
            keep_until: received_at.plus_days(self.settings.organisation.retention_days),
            envelope: &envelope,
            host: &self.settings.host,
            protocol: "ESMTP",
            organisation: &self.settings.organisation,
            exceptions: &[],
            may_refuse: true,
            limits: &self.settings.limits,
            stop,
        })
    }
}
