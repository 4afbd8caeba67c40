//! What the settings mean: addresses, networks and numbers that make sense together.
//!
//! Every mistake is collected, so that one run of `config check` shows them all.

mod deliver;
mod gate;
mod internals;
mod organisations;
mod receive;
#[cfg(feature = "internet")]
mod review;
mod rules;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use sekimori_policy::{Domain, SegmentMap};
use sekimori_relay::settings as relay;
#[cfg(feature = "internet")]
use sekimori_review::PageSettings;

use super::settings::{LogFormat, SideKey, WhenStoppedKey};
use super::source::{Mistake, Source};

/// A configuration that can be run.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    /// The relay's settings.
    pub(crate) relay: relay::Settings,
    /// Folder of the journal.
    pub(crate) journal_path: PathBuf,
    /// Settings of the journal.
    pub(crate) journal: sekimori_journal::Settings,
    /// Where web pages and health checks are served.
    pub(crate) review_listen: SocketAddr,
    /// The web pages.
    #[cfg(feature = "internet")]
    pub(crate) pages: PageSettings,
    /// Whether approvers and administrators with a local password need a second factor.
    #[cfg(feature = "internet")]
    pub(crate) second_factor_required: bool,
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// Filter of log lines.
    pub(crate) log_level: String,
}

/// Checks everything; the mistakes come in the order of the file's sections.
pub(crate) fn check(source: &Source) -> Result<Checked, Vec<Mistake>> {
    let mut checker = Checker { source, mistakes: Vec::new() };
    let segments = checker.segments();
    let receive = checker.receive(&segments);
    let convert = checker.convert();
    let deliver = checker.deliver(&segments);
    let reports = checker.reports(&segments);
    let hand_over = checker.hand_over(&segments);
    let organisations = checker.organisations();
    let listen = &source.settings.review.listen;
    let review_listen = checker.listener("review.listen", listen, &segments);
    #[cfg(feature = "internet")]
    let (pages, review_url) = (checker.review(&segments), checker.review_url());
    #[cfg(not(feature = "internet"))]
    let review_url = None;
    let journal = checker.journal();
    let audit = checker.audit(&segments);
    let canary = checker.canary(&organisations);
    checker.log();
    let half = checker.half();
    if half == relay::Half::Lgwan {
        checker.gate();
    }
    if !checker.mistakes.is_empty() {
        return Err(checker.mistakes);
    }
    let settings = &source.settings;
    Ok(Checked {
        relay: relay::Settings {
            half,
            hostname: hostname(&settings.receive.hostname),
            receive,
            convert,
            deliver,
            reports,
            hand_over,
            organisations: relay::Organisations::new(organisations),
            segments,
            retention: relay::Retention {
                max_octets: Some(settings.journal.max_octets).filter(|&octets| octets > 0),
                interval: Duration::from_secs(settings.journal.expire_interval_seconds),
            },
            audit,
            when_stopped: match settings.crossing.when_stopped {
                WhenStoppedKey::Hold => relay::WhenStopped::Hold,
                WhenStoppedKey::Defer => relay::WhenStopped::Defer,
            },
            canary,
            review_url,
        },
        journal_path: PathBuf::from(&settings.journal.path),
        journal,
        review_listen: review_listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
        #[cfg(feature = "internet")]
        pages,
        #[cfg(feature = "internet")]
        second_factor_required: settings.review.second_factor,
        log_format: settings.log.format,
        log_level: settings.log.level.clone(),
    })
}

/// The configured name, or the machine's own.
fn hostname(configured: &str) -> String {
    if !configured.is_empty() {
        return configured.to_owned();
    }
    // Not by /proc/sys, which a service may not see (ProcSubset=pid).
    let system = rustix::system::uname();
    let own = system.nodename().to_str().ok();
    own.filter(|name| Domain::parse(name).is_ok_and(|domain| domain.as_str().is_ascii()))
        .map_or_else(|| "localhost".to_owned(), str::to_owned)
}

struct Checker<'a> {
    source: &'a Source,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn wrong(&mut self, key: &str, reason: impl Into<String>) {
        self.mistakes.push(self.source.mistake(key, reason));
    }

    /// Which half the configuration is for.
    fn half(&self) -> relay::Half {
        match self.source.settings.segments.side {
            SideKey::Internet => relay::Half::Internet,
            SideKey::Lgwan => relay::Half::Lgwan,
        }
    }

    fn segments(&mut self) -> SegmentMap {
        let keys = self.source.settings.segments.clone();
        let map = SegmentMap {
            internet: self.networks("segments.internet", &keys.internet),
            lgwan: self.networks("segments.lgwan", &keys.lgwan),
            mynumber: self.networks("segments.mynumber", &keys.mynumber),
        };
        if let Some((one, other)) = map.overlap() {
            self.wrong("segments", format!("{one} and {other} overlap, but are of two segments"));
        }
        map
    }

    fn networks(&mut self, key: &str, texts: &[String]) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let network =
                text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            match network {
                Ok(network) => networks.push(network.trunc()),
                Err(_) => self.wrong(
                    &format!("{key}[{index}]"),
                    format!("{text:?} is no network; write it as 192.0.2.0/24 or 192.0.2.1"),
                ),
            }
        }
        networks
    }

    fn peers(&mut self, key: &str, texts: &[String], segments: &SegmentMap) -> Vec<IpNet> {
        let networks = self.networks(key, texts);
        if networks.iter().any(|network| segments.touches_mynumber(network)) {
            self.wrong(key, "holds addresses of the My Number segment, which nothing may reach");
        }
        for network in networks.iter().filter(|n| segments.must_list(n.network())) {
            if !segments.internet.iter().any(|listed| listed.contains(network)) {
                self.wrong(key, format!("{network} is not in segment internet"));
            }
        }
        networks
    }

    fn listener(&mut self, key: &str, text: &str, segments: &SegmentMap) -> Option<SocketAddr> {
        let Ok(address) = text.parse::<SocketAddr>() else {
            self.wrong(
                key,
                format!("{text:?} is no address to listen on; write it as 127.0.0.1:2525"),
            );
            return None;
        };
        let own = self.half().segment();
        match segments.segment_of(address.ip()) {
            Some(segment) if segment != own => self.wrong(
                key,
                format!(
                    "{address} is in segment {}; this machine is in segment {}",
                    segment.as_str(),
                    own.as_str()
                ),
            ),
            None if segments.must_list(address.ip()) => self.wrong(
                key,
                format!("{address} is in no segment; name an address of {}", own.as_str()),
            ),
            _ => {}
        }
        Some(address)
    }

    fn at_least(&mut self, key: &str, value: u64, least: u64) -> u64 {
        if value < least {
            self.wrong(key, format!("must be at least {least}"));
        }
        value
    }

    fn up_to(&mut self, key: &str, value: u64, most: u64) -> u64 {
        self.at_least(key, value, 1);
        if value > most {
            self.wrong(key, format!("must be at most {most}"));
        }
        value.min(most)
    }

    fn seconds(&mut self, key: &str, value: u64) -> Duration {
        /// A year: longer waits are slips of the pen, and additions to the clock stay in range.
        const LONGEST: u64 = 366 * 24 * 3600;
        self.at_least(key, value, 1);
        if value > LONGEST {
            self.wrong(key, format!("must be at most {LONGEST}"));
        }
        Duration::from_secs(value.min(LONGEST))
    }

    fn count(&mut self, key: &str, value: u64, least: u64) -> usize {
        self.at_least(key, value, least);
        usize::try_from(value).unwrap_or(usize::MAX)
    }

    fn file(&mut self, key: &str, path: &str) -> PathBuf {
        if let Err(error) = std::fs::File::open(path) {
            self.wrong(key, format!("{path} cannot be read: {error}"));
        }
        PathBuf::from(path)
    }
}

#[cfg(test)]
mod tests;
