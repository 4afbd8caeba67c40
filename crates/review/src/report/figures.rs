//! What the audit record and the register tell of one organisation and period, in one pass.

use std::collections::{BTreeMap, HashMap};

use sekimori_journal::{
    Account, AuditFilter, AuditKind, AuditScope, ChainReport, Fault, JournalError, Order, Register,
    Request, RequestFilter, RequestId, StoredAudit, StoredException,
};
use sekimori_policy::{Code, Outcome, QueueId};
use serde::Deserialize;

use super::period::Period;

/// Records read from the store at once.
const PAGE: usize = 2_000;
/// Requests read from the store at once.
const REQUEST_PAGE: usize = 500;
/// Most requests that a report lists; further ones are counted.
pub const MAX_LISTED: usize = 20_000;
/// Most changes of the configuration that a report lists; further ones are counted.
pub const MAX_CHANGES: usize = 1_000;
/// Most held messages whose time to a decision is followed at once; further ones are left out of it.
pub const MAX_FOLLOWED: usize = 200_000;
/// Most media types that are told apart; what is beyond is counted as one.
pub const MAX_TYPES: usize = 200;

/// What one organisation's period came to.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Messages received.
    pub(super) received: u64,
    /// Octets received.
    pub(super) octets: u64,
    /// Messages whose text was sent on at once.
    pub(super) passed: u64,
    /// Messages held when received.
    pub(super) held: u64,
    /// Messages of which parts were removed.
    pub(super) with_removed: u64,
    /// Parts removed.
    pub(super) removed: u64,
    /// Messages with each decision.
    pub(super) codes: BTreeMap<&'static str, (Code, u64)>,
    /// Removed parts of each media type that their content shows.
    pub(super) types: BTreeMap<String, u64>,
    /// Removed parts of media types beyond [`MAX_TYPES`].
    pub(super) other_types: u64,
    /// Records of each kind.
    kinds: HashMap<AuditKind, u64>,
    /// Milliseconds from receipt of a held message to a person's decision.
    pub(super) to_release: Vec<i64>,
    /// The requests filed, the oldest first, at most [`MAX_LISTED`].
    pub(super) requests: Vec<Request>,
    /// Requests beyond those.
    pub(super) further_requests: u64,
    /// Exceptions that were in force or asked for.
    pub(super) exceptions: Vec<StoredException>,
    /// Accounts as they are now.
    pub(super) accounts: Vec<Account>,
    /// Loaded configurations, the oldest first, at most [`MAX_CHANGES`].
    pub(super) configured: Vec<StoredAudit>,
    /// Loaded configurations beyond those.
    pub(super) further_configured: u64,
    /// Refusals in the SMTP dialogue on the whole gateway, by code.
    pub(super) refusals: BTreeMap<String, u64>,
    /// Records that the gateway could not keep.
    pub(super) lost: u64,
    /// How the audit chains stand.
    pub(super) chains: Chains,
}

/// How the audit chains that concern an organisation stand.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// The organisation's and the gateway's own.
    pub(super) found: Vec<ChainReport>,
    /// What is broken in those.
    pub(super) faults: Vec<Fault>,
    /// Whether keyed hashes were checked.
    pub(super) macs_checked: bool,
}

/// What a report reads in the record of a receipt.
#[derive(Debug, Deserialize)]
struct Receipt {
    outcome: Option<Outcome>,
    #[serde(default)]
    sender: String,
    #[serde(default)]
    client: ReceiptClient,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    decisions: Vec<ReceiptDecision>,
    #[serde(default)]
    removed: Vec<ReceiptPart>,
}

/// From where a message came; nothing of it for notices and digests of our own.
#[derive(Debug, Default, Deserialize)]
struct ReceiptClient {
    #[serde(default)]
    address: String,
}

#[derive(Debug, Deserialize)]
struct ReceiptDecision {
    /// By name: records may be of a later program.
    code: String,
}

#[derive(Debug, Deserialize)]
struct ReceiptPart {
    #[serde(default)]
    detected_type: String,
}

#[derive(Debug, Deserialize)]
struct RefusalDetails {
    #[serde(default)]
    code: String,
}

#[derive(Debug, Deserialize)]
struct LostDetails {
    #[serde(default)]
    records: u64,
}

impl Figures {
    /// Gathers everything.
    pub(super) fn gather(
        register: &dyn Register,
        organisation: &str,
        period: &Period,
    ) -> Result<Self, JournalError> {
        let mut figures = Self::default();
        figures.read_record(register, organisation, period)?;
        figures.read_gateway(register, period)?;
        figures.read_requests(register, organisation, period)?;
        let names = [organisation.to_owned()];
        let asked = register.exceptions(Some(&names))?;
        let concerns = |exception: &StoredException| {
            exception.begins_at < period.until() && exception.ends_at >= period.since()
        };
        figures.exceptions = asked.into_iter().filter(concerns).collect();
        figures.accounts = register.accounts(Some(&names))?;
        figures.chains = Chains::read(register, organisation)?;
        Ok(figures)
    }

    /// How many records of a kind there are.
    pub(super) fn count(&self, kind: AuditKind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    fn read_record(
        &mut self,
        register: &dyn Register,
        organisation: &str,
        period: &Period,
    ) -> Result<(), JournalError> {
        let mut waiting: HashMap<QueueId, i64> = HashMap::new();
        let scope = AuditScope::Organisation(organisation.to_owned());
        each_record(register, scope, Vec::new(), period, |stored| {
            let record = &stored.record;
            add(self.kinds.entry(record.kind).or_default(), 1);
            let at = record.at.unix_millis();
            match (record.kind, record.queue_id) {
                (AuditKind::Received, Some(id)) => {
                    let is_held = self.receipt(&record.details) == Some(Outcome::Hold);
                    if is_held && waiting.len() < MAX_FOLLOWED {
                        waiting.insert(id, at);
                    }
                }
                (AuditKind::Released | AuditKind::Rejected | AuditKind::Deleted, Some(id)) => {
                    if let Some(since) = waiting.remove(&id) {
                        self.to_release.push(at.saturating_sub(since));
                    }
                }
                _ => {}
            }
        })?;
        self.to_release.sort_unstable();
        Ok(())
    }

    /// Counts one receipt. `None` where its details are of a form unknown to this program, and for
    /// what the program itself wrote.
    fn receipt(&mut self, details: &serde_json::Value) -> Option<Outcome> {
        let Ok(receipt) = Receipt::deserialize(details) else {
            add(&mut self.received, 1);
            return None;
        };
        if receipt.sender.is_empty() && receipt.client.address.is_empty() {
            return None;
        }
        add(&mut self.received, 1);
        add(&mut self.octets, receipt.size);
        match receipt.outcome {
            Some(Outcome::Deliver) => add(&mut self.passed, 1),
            Some(Outcome::Hold) => add(&mut self.held, 1),
            Some(Outcome::Reject) | None => {}
        }
        for decision in &receipt.decisions {
            if let Ok(code) = decision.code.parse::<Code>() {
                add(&mut self.codes.entry(code.as_str()).or_insert((code, 0)).1, 1);
            }
        }
        if !receipt.removed.is_empty() {
            add(&mut self.with_removed, 1);
        }
        for part in receipt.removed {
            add(&mut self.removed, 1);
            if self.types.len() < MAX_TYPES || self.types.contains_key(&part.detected_type) {
                add(self.types.entry(part.detected_type).or_default(), 1);
            } else {
                add(&mut self.other_types, 1);
            }
        }
        receipt.outcome
    }

    fn read_gateway(
        &mut self,
        register: &dyn Register,
        period: &Period,
    ) -> Result<(), JournalError> {
        let kinds = vec![AuditKind::Configured, AuditKind::Refused, AuditKind::Lost];
        each_record(register, AuditScope::Gateway, kinds, period, |stored| {
            match stored.record.kind {
                AuditKind::Configured if self.configured.len() < MAX_CHANGES => {
                    self.configured.push(stored);
                }
                AuditKind::Configured => add(&mut self.further_configured, 1),
                AuditKind::Refused => {
                    let details = RefusalDetails::deserialize(&stored.record.details);
                    if let Ok(details) = details {
                        add(self.refusals.entry(details.code).or_default(), 1);
                    }
                }
                _ => {
                    let details = LostDetails::deserialize(&stored.record.details);
                    add(&mut self.lost, details.map_or(1, |details| details.records));
                }
            }
        })
    }

    fn read_requests(
        &mut self,
        register: &dyn Register,
        organisation: &str,
        period: &Period,
    ) -> Result<(), JournalError> {
        let filter = RequestFilter {
            organisations: vec![organisation.to_owned()],
            since: Some(period.since()),
            until: Some(period.until()),
            ..RequestFilter::default()
        };
        let mut before: Option<RequestId> = None;
        loop {
            let page = register.requests(&filter, before, REQUEST_PAGE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            for request in page {
                if self.requests.len() < MAX_LISTED {
                    self.requests.push(request);
                } else {
                    add(&mut self.further_requests, 1);
                }
            }
        }
        self.requests.reverse();
        Ok(())
    }

    /// Milliseconds from each request to its decision, in order of length.
    pub(super) fn to_decision(&self) -> Vec<i64> {
        let mut times: Vec<i64> = self.requests.iter().filter_map(time_to_decision).collect();
        times.sort_unstable();
        times
    }
}

/// Milliseconds from a request to its decision.
pub(super) fn time_to_decision(request: &Request) -> Option<i64> {
    let decided = request.decided_at?.unix_millis();
    Some(decided.saturating_sub(request.created_at.unix_millis()))
}

impl Chains {
    fn read(register: &dyn Register, organisation: &str) -> Result<Self, JournalError> {
        let verification = register.verify_audit(None, &mut std::iter::empty())?;
        let is_ours =
            |chain: &Option<String>| chain.as_deref().is_none_or(|name| name == organisation);
        Ok(Self {
            found: verification.chains.into_iter().filter(|c| is_ours(&c.chain)).collect(),
            faults: verification
                .faults
                .iter()
                .filter(|fault| is_ours(&fault.chain))
                .cloned()
                .collect(),
            macs_checked: verification.macs_checked,
        })
    }
}

fn each_record(
    register: &dyn Register,
    scope: AuditScope,
    kinds: Vec<AuditKind>,
    period: &Period,
    mut each: impl FnMut(StoredAudit),
) -> Result<(), JournalError> {
    let filter = AuditFilter {
        scope,
        kinds,
        since: Some(period.since()),
        until: Some(period.until()),
        order: Order::OldestFirst,
        ..AuditFilter::default()
    };
    let mut after = 0;
    loop {
        let page = register.audit(&filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.sequence;
        page.into_iter().for_each(&mut each);
    }
}

fn add(to: &mut u64, number: u64) {
    *to = to.saturating_add(number);
}

/// The value below which so many percent of sorted values are; `None` of no values.
pub(super) fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let place = sorted.len().checked_sub(1)?.saturating_mul(percent).div_ceil(100);
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 90), Some(7));
        let ten: Vec<i64> = (1..=11).collect();
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90)), (Some(6), Some(10)));
        assert_eq!(percentile(&ten, 100), Some(11));
    }
}
