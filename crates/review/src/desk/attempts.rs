//! How often signing in may fail: for an account, whose failures the store counts, and for a network
//! address, whose failures are counted here in bounded memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use sekimori_policy::Timestamp;

use super::Origin;

/// Network addresses whose failures are remembered at once. With more the oldest is forgotten.
const MAX_ORIGINS: usize = 10_000;

/// When signing in is refused after failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockPolicy {
    /// Failures of an account after which it is locked.
    pub failures: u32,
    /// How long the first lock lasts, in seconds. Each further failure doubles it.
    pub first_seconds: u32,
    /// How long a lock lasts at most, in seconds.
    pub longest_seconds: u32,
    /// Failures from one network address, of whatever account, after which it is refused.
    pub origin_failures: u32,
    /// The time in which those are counted, in seconds.
    pub origin_seconds: u32,
}

impl Default for LockPolicy {
    fn default() -> Self {
        Self {
            failures: 5,
            first_seconds: 60,
            longest_seconds: 3_600,
            origin_failures: 50,
            origin_seconds: 600,
        }
    }
}

impl LockPolicy {
    /// Until when an account is locked after so many failures in a row.
    pub(super) fn locked_until(&self, failures: u32, now: Timestamp) -> Option<Timestamp> {
        let beyond = failures.checked_sub(self.failures)?;
        let seconds = u64::from(self.first_seconds)
            .saturating_mul(1_u64.checked_shl(beyond).unwrap_or(u64::MAX))
            .min(u64::from(self.longest_seconds));
        let millis = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
        Some(Timestamp::japanese_time(now.unix_millis().saturating_add(millis)))
    }
}

/// Failures by network address.
pub(super) struct Attempts {
    policy: LockPolicy,
    failures: HashMap<IpAddr, Failures>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    /// When the first of them was, in milliseconds.
    since: i64,
}

impl Attempts {
    pub(super) fn new(policy: LockPolicy) -> Self {
        Self { policy, failures: HashMap::new() }
    }

    fn window(&self) -> i64 {
        i64::from(self.policy.origin_seconds).saturating_mul(1_000)
    }

    /// For how many more seconds an address is refused; `None` when it is not.
    pub(super) fn refused_for(&self, origin: Origin, now: Timestamp) -> Option<u32> {
        let failures = self.failures.get(&network(origin)?)?;
        let left = failures.since.saturating_add(self.window()).saturating_sub(now.unix_millis());
        let is_refused = failures.count >= self.policy.origin_failures && left > 0;
        is_refused.then(|| u32::try_from(left / 1_000).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Counts a failure.
    pub(super) fn failed(&mut self, origin: Origin, now: Timestamp) {
        let Some(network) = network(origin) else { return };
        let now = now.unix_millis();
        let window = self.window();
        if !self.failures.contains_key(&network) && self.failures.len() >= MAX_ORIGINS {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.since);
            if let Some(oldest) = oldest.map(|(&network, _)| network) {
                self.failures.remove(&oldest);
            }
        }
        let failures = self.failures.entry(network).or_insert(Failures { count: 0, since: now });
        if failures.since.saturating_add(window) <= now {
            *failures = Failures { count: 0, since: now };
        }
        failures.count = failures.count.saturating_add(1);
    }
}

/// The network that failures are counted of: an IPv4 address, or 64 bits of an IPv6 one, since a
/// subscriber has at least those (RFC 6177).
fn network(origin: Origin) -> Option<IpAddr> {
    match origin {
        Origin::CommandLine => None,
        Origin::Address(IpAddr::V4(address)) => Some(IpAddr::V4(address)),
        Origin::Address(IpAddr::V6(address)) => {
            let subscriber = u128::from(address) & !u128::from(u64::MAX);
            let mapped = address.to_ipv4_mapped().map(IpAddr::V4);
            Some(mapped.unwrap_or(IpAddr::V6(Ipv6Addr::from(subscriber))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::japanese_time(1_789_977_600_000 + seconds * 1_000)
    }

    fn origin(text: &str) -> Origin {
        Origin::Address(text.parse().unwrap())
    }

    #[test]
    fn each_failure_after_the_fifth_doubles_the_lock_up_to_an_hour() {
        let policy = LockPolicy::default();
        let seconds = |failures| {
            let until = policy.locked_until(failures, at(0))?;
            Some((until.unix_millis() - at(0).unix_millis()) / 1_000)
        };
        assert_eq!(seconds(4), None);
        assert_eq!(
            [5, 6, 7, 10, 11, 12, 100, u32::MAX].map(seconds),
            [60, 120, 240, 1_920, 3_600, 3_600, 3_600, 3_600].map(Some)
        );
    }

    #[test]
    fn an_address_that_fails_too_often_is_refused_until_its_time_is_over() {
        let mut attempts = Attempts::new(LockPolicy::default());
        let client = origin("192.0.2.1");
        for _ in 0..49 {
            attempts.failed(client, at(0));
        }
        assert_eq!(attempts.refused_for(client, at(1)), None);
        attempts.failed(client, at(1));
        assert_eq!(attempts.refused_for(client, at(1)), Some(600));
        assert_eq!(attempts.refused_for(origin("::ffff:192.0.2.1"), at(1)), Some(600));
        assert_eq!(attempts.refused_for(origin("192.0.2.2"), at(1)), None);
        assert_eq!(attempts.refused_for(client, at(600)), None);
        attempts.failed(client, at(600));
        assert_eq!(attempts.refused_for(client, at(600)), None);
    }

    #[test]
    fn a_subscribers_ipv6_addresses_count_as_one() {
        let mut attempts =
            Attempts::new(LockPolicy { origin_failures: 2, ..LockPolicy::default() });
        attempts.failed(origin("2001:db8::1"), at(0));
        attempts.failed(origin("2001:db8::ffff:1"), at(0));
        assert!(attempts.refused_for(origin("2001:db8::2"), at(0)).is_some());
        assert!(attempts.refused_for(origin("2001:db8:0:1::2"), at(0)).is_none());
    }

    #[test]
    fn memory_stays_bounded_whoever_tries() {
        let mut attempts =
            Attempts::new(LockPolicy { origin_failures: 1, ..LockPolicy::default() });
        for n in 0..u32::try_from(MAX_ORIGINS).unwrap() + 100 {
            attempts.failed(Origin::Address(IpAddr::V4(n.into())), at(i64::from(n) / 1_000));
        }
        assert_eq!(attempts.failures.len(), MAX_ORIGINS);
        let last = Origin::Address(IpAddr::V4((u32::try_from(MAX_ORIGINS).unwrap() + 99).into()));
        assert!(attempts.refused_for(last, at(10)).is_some());
    }
}
