//! What the settings mean: addresses, networks and numbers that make sense together.
//!
//! Every mistake is collected, so that one run of `config check` shows them all.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use sekimori_policy::{Address, Domain, Limits, Organisation, Segment, SegmentMap};
use sekimori_relay::settings as relay;

use super::settings::{BareLineEnds, LogFormat, OrganisationKeys, TlsKey};
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
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// Filter of log lines.
    pub(crate) log_level: String,
}

/// Checks everything; the mistakes come in the order of the file's sections.
pub(crate) fn check(source: &Source) -> Result<Checked, Vec<Mistake>> {
    let mut checker = Checker {
        source,
        mistakes: Vec::new(),
    };
    let segments = checker.segments();
    let receive = checker.receive(&segments);
    let convert = checker.convert();
    let deliver = checker.deliver(&segments);
    let reports = checker.reports(&segments);
    let organisations = checker.organisations();
    let review_listen = checker.review(&segments);
    let journal = checker.journal();
    checker.log();
    if !checker.mistakes.is_empty() {
        return Err(checker.mistakes);
    }
    let settings = &source.settings;
    Ok(Checked {
        relay: relay::Settings {
            hostname: hostname(&settings.receive.hostname),
            receive,
            convert,
            deliver,
            reports,
            organisations: relay::Organisations::new(organisations),
            segments,
            retention: relay::Retention {
                max_octets: Some(settings.journal.max_octets).filter(|&octets| octets > 0),
                interval: Duration::from_secs(settings.journal.expire_interval_seconds),
            },
        },
        journal_path: PathBuf::from(&settings.journal.path),
        journal,
        review_listen: review_listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
        log_format: settings.log.format,
        log_level: settings.log.level.clone(),
    })
}

/// The configured name, or the machine's own.
fn hostname(configured: &str) -> String {
    if !configured.is_empty() {
        return configured.to_owned();
    }
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .map(|name| name.trim().to_owned())
        .filter(|name| Domain::parse(name).is_ok_and(|domain| domain.as_str().is_ascii()))
        .unwrap_or_else(|| "localhost".to_owned())
}

struct Checker<'a> {
    source: &'a Source,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn wrong(&mut self, key: &str, reason: impl Into<String>) {
        self.mistakes.push(self.source.mistake(key, reason));
    }

    fn segments(&mut self) -> SegmentMap {
        let keys = self.source.settings.segments.clone();
        SegmentMap {
            internet: self.networks("segments.internet", &keys.internet),
            lgwan: self.networks("segments.lgwan", &keys.lgwan),
            mynumber: self.networks("segments.mynumber", &keys.mynumber),
        }
    }

    fn networks(&mut self, key: &str, texts: &[String]) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let network = text
                .parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
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
        if networks
            .iter()
            .any(|network| segments.touches_mynumber(network))
        {
            self.wrong(
                key,
                "holds addresses of the My Number segment, which nothing may reach",
            );
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
        if let Some(segment @ (Segment::Lgwan | Segment::Mynumber)) =
            segments.segment_of(address.ip())
        {
            self.wrong(
                key,
                format!(
                    "{address} is in segment {}; only the Internet side listens",
                    segment.as_str()
                ),
            );
        }
        Some(address)
    }

    fn at_least(&mut self, key: &str, value: u64, least: u64) -> u64 {
        if value < least {
            self.wrong(key, format!("must be at least {least}"));
        }
        value
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

    fn receive(&mut self, segments: &SegmentMap) -> relay::Receive {
        let keys = self.source.settings.receive.clone();
        if keys.listen.is_empty() {
            self.wrong("receive.listen", "names no address to listen on");
        }
        let listen = keys
            .listen
            .iter()
            .enumerate()
            .filter_map(|(i, text)| self.listener(&format!("receive.listen[{i}]"), text, segments))
            .collect();
        if keys.trusted_peers.is_empty() {
            self.wrong(
                "receive.trusted_peers",
                "names no peer, so no mail could ever come in",
            );
        }
        if !keys.hostname.is_empty()
            && !Domain::parse(&keys.hostname).is_ok_and(|d| d.as_str().is_ascii())
        {
            self.wrong(
                "receive.hostname",
                format!("{:?} is no host name", keys.hostname),
            );
        }
        let tls = match (keys.tls_certificate.is_empty(), keys.tls_key.is_empty()) {
            (true, true) => {
                if keys.tls_required {
                    self.wrong("receive.tls_required", "needs tls_certificate and tls_key");
                }
                None
            }
            (false, false) => Some(relay::ReceiveTls {
                certificate: self.file("receive.tls_certificate", &keys.tls_certificate),
                key: self.file("receive.tls_key", &keys.tls_key),
                required: keys.tls_required,
            }),
            (true, false) => {
                self.wrong("receive.tls_key", "needs tls_certificate beside it");
                None
            }
            (false, true) => {
                self.wrong("receive.tls_certificate", "needs tls_key beside it");
                None
            }
        };
        let message = self.count(
            "receive.max_message_octets",
            keys.max_message_octets,
            64 * 1024,
        );
        let in_flight = self.count("receive.max_octets_in_flight", keys.max_octets_in_flight, 1);
        if in_flight < message {
            self.wrong(
                "receive.max_octets_in_flight",
                "must be at least max_message_octets, or the largest message could never come in",
            );
        }
        relay::Receive {
            listen,
            trusted_peers: self.peers("receive.trusted_peers", &keys.trusted_peers, segments),
            xforward_peers: self.peers("receive.xforward_peers", &keys.xforward_peers, segments),
            proxy_peers: self.peers("receive.proxy_peers", &keys.proxy_peers, segments),
            tls,
            normalise_line_ends: keys.bare_line_ends == BareLineEnds::Normalise,
            max_message_octets: message,
            max_recipients: self.count("receive.max_recipients", keys.max_recipients, 100),
            max_commands: self.count("receive.max_commands", keys.max_commands, 10),
            max_errors: self.count("receive.max_errors", keys.max_errors, 1),
            max_connections: self.count("receive.max_connections", keys.max_connections, 1),
            max_connections_per_peer: self.count(
                "receive.max_connections_per_peer",
                keys.max_connections_per_peer,
                1,
            ),
            max_octets_in_flight: in_flight,
            room_wait: self.seconds("receive.room_wait_seconds", keys.room_wait_seconds),
            timeouts: relay::ReceiveTimeouts {
                command: self.seconds(
                    "receive.command_timeout_seconds",
                    keys.command_timeout_seconds,
                ),
                data: self.seconds("receive.data_timeout_seconds", keys.data_timeout_seconds),
                message: self.seconds(
                    "receive.message_timeout_seconds",
                    keys.message_timeout_seconds,
                ),
                handshake: self.seconds(
                    "receive.handshake_timeout_seconds",
                    keys.handshake_timeout_seconds,
                ),
            },
        }
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

    fn convert(&mut self) -> relay::Convert {
        let keys = self.source.settings.sanitize.clone();
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers = usize::try_from(keys.workers).unwrap_or(usize::MAX);
        if workers > sekimori_relay::MAX_WORKERS {
            self.wrong(
                "sanitize.workers",
                format!("must be at most {}", sekimori_relay::MAX_WORKERS),
            );
        }
        if keys.limits.html_depth > Limits::MAX_HTML_DEPTH {
            self.wrong(
                "sanitize.limits.html_depth",
                format!("must be at most {}", Limits::MAX_HTML_DEPTH),
            );
        }
        for (name, value) in [
            ("depth", keys.limits.depth),
            ("parts", keys.limits.parts),
            ("header_fields", keys.limits.header_fields),
            ("header_octets", keys.limits.header_octets),
            ("addresses", keys.limits.addresses),
            ("text_octets", keys.limits.text_octets),
            ("html_octets", keys.limits.html_octets),
            ("html_depth", keys.limits.html_depth),
        ] {
            if value == 0 {
                self.wrong(&format!("sanitize.limits.{name}"), "must be at least 1");
            }
        }
        relay::Convert {
            workers: if workers == 0 { cores } else { workers },
            deadline: self.seconds("sanitize.deadline_seconds", keys.deadline_seconds),
            limits: keys.limits,
        }
    }

    fn hop(
        &mut self,
        key: &str,
        text: &str,
        side: Segment,
        segments: &SegmentMap,
    ) -> Option<(String, u16)> {
        let split = text
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = split.filter(|&(_, port)| port != 0) else {
            self.wrong(
                key,
                format!("{text:?} is no mail server; write it as mail.example.lg.jp:25"),
            );
            return None;
        };
        let host = host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'))
            .unwrap_or(host);
        let address = host.parse::<IpAddr>().ok();
        if address.is_none() && Domain::parse(host).is_err() {
            self.wrong(
                key,
                format!("{host:?} is neither a host name nor an address"),
            );
            return None;
        }
        match address.and_then(|address| segments.segment_of(address)) {
            Some(segment) if segment != side => {
                self.wrong(
                    key,
                    format!(
                        "{host} is in the forbidden segment {}; this must be in segment {}",
                        segment.as_str(),
                        side.as_str()
                    ),
                );
            }
            _ => {}
        }
        Some((host.to_owned(), port))
    }

    fn tls(
        &mut self,
        section: &str,
        tls: TlsKey,
        authorities: &str,
    ) -> (relay::HopTls, Option<PathBuf>) {
        let key = format!("{section}.tls_authorities");
        let file = (!authorities.is_empty()).then(|| self.file(&key, authorities));
        if tls == TlsKey::Verify && file.is_none() {
            self.wrong(
                &format!("{section}.tls"),
                "\"verify\" needs tls_authorities, a PEM file",
            );
        }
        let tls = match tls {
            TlsKey::None => relay::HopTls::None,
            TlsKey::May => relay::HopTls::May,
            TlsKey::Encrypt => relay::HopTls::Encrypt,
            TlsKey::Verify => relay::HopTls::Verify,
        };
        (tls, file)
    }

    fn deliver(&mut self, segments: &SegmentMap) -> relay::Deliver {
        let keys = self.source.settings.deliver.clone();
        let (tls, authorities) = self.tls("deliver", keys.tls, &keys.tls_authorities);
        let login = match (keys.user.is_empty(), keys.password_file.is_empty()) {
            (true, true) => None,
            (false, false) => Some(relay::HopLogin {
                user: keys.user.clone(),
                password_file: self.file("deliver.password_file", &keys.password_file),
            }),
            _ => {
                self.wrong("deliver.user", "user and password_file belong together");
                None
            }
        };
        if login.is_some() && !matches!(tls, relay::HopTls::Encrypt | relay::HopTls::Verify) {
            self.wrong(
                "deliver.tls",
                "must be \"encrypt\" or \"verify\" when a password is sent",
            );
        }
        let mut texts = vec![("deliver.next_hop".to_owned(), keys.next_hop.clone())];
        for (index, text) in keys.fallback_hops.iter().enumerate() {
            texts.push((format!("deliver.fallback_hops[{index}]"), text.clone()));
        }
        let hops = texts
            .iter()
            .filter_map(|(key, text)| self.hop(key, text, Segment::Lgwan, segments))
            .map(|(host, port)| relay::Hop {
                host,
                port,
                tls,
                tls_authorities: authorities.clone(),
                login: login.clone(),
            })
            .collect();
        let first = self.seconds("deliver.retry_first_seconds", keys.retry_first_seconds);
        let longest = self.seconds("deliver.retry_longest_seconds", keys.retry_longest_seconds);
        if longest < first {
            self.wrong(
                "deliver.retry_longest_seconds",
                "must not be less than retry_first_seconds",
            );
        }
        relay::Deliver {
            hops,
            concurrency: self.count("deliver.concurrency", keys.concurrency, 1),
            messages_per_connection: self.count(
                "deliver.messages_per_connection",
                keys.messages_per_connection,
                1,
            ),
            idle: self.seconds("deliver.idle_seconds", keys.idle_seconds),
            retry: relay::Retry {
                first,
                longest,
                give_up: self.seconds(
                    "deliver.give_up_hours",
                    keys.give_up_hours.saturating_mul(3_600),
                ),
                delay_report: Duration::from_secs(keys.delay_report_hours.min(8_784) * 3_600),
            },
            timeouts: relay::DeliverTimeouts {
                connect: self.seconds(
                    "deliver.connect_timeout_seconds",
                    keys.connect_timeout_seconds,
                ),
                command: self.seconds(
                    "deliver.command_timeout_seconds",
                    keys.command_timeout_seconds,
                ),
                end_of_data: self.seconds(
                    "deliver.end_of_data_timeout_seconds",
                    keys.end_of_data_timeout_seconds,
                ),
            },
        }
    }

    fn reports(&mut self, segments: &SegmentMap) -> Option<relay::Reports> {
        let keys = self.source.settings.reports.clone();
        let (tls, authorities) = self.tls("reports", keys.tls, &keys.tls_authorities);
        if keys.hop.is_empty() {
            if !keys.from.is_empty() {
                self.wrong(
                    "reports.from",
                    "needs reports.hop, where reports are handed over",
                );
            }
            return None;
        }
        let (host, port) = self.hop("reports.hop", &keys.hop, Segment::Internet, segments)?;
        let deliver = &self.source.settings.deliver;
        if keys.hop == deliver.next_hop || deliver.fallback_hops.contains(&keys.hop) {
            self.wrong(
                "reports.hop",
                "is also a next hop; reports never go toward LGWAN",
            );
        }
        let from = Address::parse(&keys.from).ok().filter(Address::is_ascii);
        if from.is_none() {
            self.wrong(
                "reports.from",
                format!(
                    "{:?} is no address; write it as postmaster@town.example.lg.jp",
                    keys.from
                ),
            );
        }
        Some(relay::Reports {
            hop: relay::Hop {
                host,
                port,
                tls,
                tls_authorities: authorities,
                login: None,
            },
            from: from?,
        })
    }

    fn organisations(&mut self) -> Vec<Organisation> {
        let all = self.source.settings.organisation.clone();
        if all.is_empty() {
            self.wrong(
                "",
                "there is no [[organisation]], so no recipient would be accepted",
            );
        }
        let mut checked: Vec<Organisation> = Vec::new();
        for (index, keys) in all.iter().enumerate() {
            let organisation = self.organisation(index, keys);
            if checked.iter().any(|other| other.name == organisation.name) {
                self.wrong(
                    &format!("organisation[{index}].name"),
                    "names another organisation already",
                );
            }
            let taken = organisation
                .domains
                .iter()
                .find(|domain| checked.iter().any(|other| other.domains.contains(domain)));
            if let Some(domain) = taken {
                self.wrong(
                    &format!("organisation[{index}].domains"),
                    format!("{domain} belongs to another organisation already"),
                );
            }
            checked.push(organisation);
        }
        checked
    }

    fn organisation(&mut self, index: usize, keys: &OrganisationKeys) -> Organisation {
        let path = format!("organisation[{index}]");
        if keys.name.trim().is_empty() || keys.name.chars().any(char::is_control) {
            self.wrong(&format!("{path}.name"), "must be a name");
        }
        if keys.domains.is_empty() {
            self.wrong(&format!("{path}.domains"), "names no domain");
        }
        let mut domains = Vec::new();
        for (i, text) in keys.domains.iter().enumerate() {
            match Domain::parse(text) {
                Ok(domain) if !text.starts_with('[') => domains.push(domain),
                _ => self.wrong(
                    &format!("{path}.domains[{i}]"),
                    format!("{text:?} is no domain"),
                ),
            }
        }
        self.at_least(
            &format!("{path}.retention_days"),
            u64::from(keys.retention_days),
            1,
        );
        Organisation {
            name: keys.name.trim().to_owned(),
            domains,
            mode: keys.mode,
            language: keys.language,
            notice: keys.notice,
            notice_always: keys.notice_always,
            links: keys.links,
            retention_days: keys.retention_days,
        }
    }

    fn review(&mut self, segments: &SegmentMap) -> Option<SocketAddr> {
        let listen = self.source.settings.review.listen.clone();
        self.listener("review.listen", &listen, segments)
    }

    fn journal(&mut self) -> sekimori_journal::Settings {
        let keys = self.source.settings.journal.clone();
        if keys.path.is_empty() {
            self.wrong("journal.path", "names no folder");
        }
        self.at_least("journal.segment_octets", keys.segment_octets, 1024 * 1024);
        self.seconds(
            "journal.expire_interval_seconds",
            keys.expire_interval_seconds,
        );
        sekimori_journal::Settings {
            segment_octets: keys.segment_octets,
            reserve_octets: keys.reserve_octets,
            ..sekimori_journal::Settings::default()
        }
    }

    fn log(&mut self) {
        let level = self.source.settings.log.level.clone();
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&level) {
            self.wrong("log.level", format!("{level:?} is no filter: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::parse;
    use super::*;

    const GOOD: &str = "[[organisation]]\nname = '山北町'\ndomains = ['town.example.lg.jp']\n";

    fn mistakes(text: &str) -> Vec<String> {
        let source = parse("f.toml", &format!("{text}\n{GOOD}"), std::iter::empty()).unwrap();
        check(&source)
            .err()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_first_configuration_of_the_design_is_good() {
        let text = "[receive]\nlisten = [\"127.0.0.1:2525\"]\ntrusted_peers = [\"127.0.0.0/8\"]\n\
                    [deliver]\nnext_hop = \"127.0.0.1:2600\"\n[journal]\npath = \"var/sekimori\"\n\
                    [review]\nlisten = \"127.0.0.1:8025\"";
        assert_eq!(mistakes(text), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_is_said_with_its_line() {
        for (text, said) in [
            (
                "[receive]\nlisten = ['nowhere']",
                "f.toml:2: receive.listen[0]: \"nowhere\" is no address",
            ),
            (
                "[receive]\nlisten = []",
                "f.toml:2: receive.listen: names no address",
            ),
            (
                "[receive]\ntrusted_peers = ['10.0.0.0/40']",
                "f.toml:2: receive.trusted_peers[0]: ",
            ),
            (
                "[receive]\nhostname = 'a b'",
                "f.toml:2: receive.hostname: ",
            ),
            (
                "[receive]\ntls_key = '/k'",
                "f.toml:2: receive.tls_key: needs tls_certificate",
            ),
            (
                "[receive]\ntls_required = true",
                "f.toml:2: receive.tls_required: needs",
            ),
            (
                "[receive]\nmax_message_octets = 1",
                "f.toml:2: receive.max_message_octets: must be at least",
            ),
            (
                "[receive]\nmax_octets_in_flight = 100000",
                "f.toml:2: receive.max_octets_in_flight: must be",
            ),
            (
                "[receive]\nroom_wait_seconds = 0",
                "f.toml:2: receive.room_wait_seconds: must be at least 1",
            ),
            (
                "[sanitize]\nworkers = 100000",
                "f.toml:2: sanitize.workers: must be at most",
            ),
            (
                "[sanitize.limits]\nhtml_depth = 4000",
                "f.toml:2: sanitize.limits.html_depth: must be at most",
            ),
            (
                "[sanitize.limits]\ndepth = 0",
                "f.toml:2: sanitize.limits.depth: must be at least 1",
            ),
            (
                "[deliver]\nnext_hop = 'mail'",
                "f.toml:2: deliver.next_hop: \"mail\" is no mail server",
            ),
            (
                "[deliver]\nnext_hop = 'ma il:25'",
                "f.toml:2: deliver.next_hop: ",
            ),
            (
                "[deliver]\nfallback_hops = ['a:25', 'b:0']",
                "f.toml:2: deliver.fallback_hops[1]: ",
            ),
            ("[deliver]\ntls = 'verify'", "f.toml:2: deliver.tls: "),
            (
                "[deliver]\nuser = 'u'",
                "f.toml:2: deliver.user: user and password_file",
            ),
            (
                "[deliver]\nretry_longest_seconds = 1",
                "f.toml:2: deliver.retry_longest_seconds: ",
            ),
            (
                "[reports]\nhop = 'a:25'",
                "f.toml:1: reports.from: \"\" is no address",
            ),
            (
                "[reports]\nfrom = 'a@b.jp'",
                "f.toml:2: reports.from: needs reports.hop",
            ),
            (
                "[reports]\nhop = '127.0.0.1:2600'\nfrom = 'a@b.jp'",
                "f.toml:2: reports.hop: is also a next hop",
            ),
            (
                "[journal]\npath = ''",
                "f.toml:2: journal.path: names no folder",
            ),
            ("[review]\nlisten = 'x'", "f.toml:2: review.listen: "),
            ("[log]\nlevel = 'sekimori=loud'", "f.toml:2: log.level: "),
            (
                "[[organisation]]\nname = 'x'\ndomains = []",
                "f.toml:3: organisation[0].domains: names no domain",
            ),
            (
                "[[organisation]]\nname = 'x'\ndomains = ['a b']",
                "f.toml:3: organisation[0].domains[0]: ",
            ),
        ] {
            let found = mistakes(text);
            assert!(
                found.iter().any(|m| m.starts_with(said)),
                "{text}\n{found:#?}"
            );
        }
    }

    #[test]
    fn what_belongs_to_two_organisations_is_refused() {
        let found =
            mistakes("[[organisation]]\nname = '山北町'\ndomains = ['TOWN.example.lg.jp.']");
        assert!(
            found
                .iter()
                .any(|m| m.starts_with("f.toml:5: organisation[1].name: ")),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|m| m.starts_with("f.toml:6: organisation[1].domains: ")),
            "{found:?}"
        );
    }

    #[test]
    fn a_configuration_without_organisation_is_refused() {
        let source = parse("f.toml", "", std::iter::empty()).unwrap();
        let found = check(&source).unwrap_err();
        assert!(
            found[0]
                .to_string()
                .starts_with("f.toml: there is no [[organisation]]"),
            "{found:?}"
        );
    }

    #[test]
    fn a_hop_or_listener_in_a_forbidden_segment_is_refused() {
        let segments = "[segments]\ninternet = ['10.1.0.0/16']\nlgwan = ['10.2.0.0/16']\n\
                        mynumber = ['10.3.0.0/16']\n";
        for (text, said) in [
            (
                "[deliver]\nnext_hop = '10.3.0.1:25'",
                "f.toml:6: deliver.next_hop: 10.3.0.1 is in the forbidden segment mynumber",
            ),
            (
                "[deliver]\nnext_hop = '[::ffff:10.3.0.1]:25'",
                "f.toml:6: deliver.next_hop: ",
            ),
            (
                "[deliver]\nnext_hop = '10.1.0.1:25'",
                "f.toml:6: deliver.next_hop: 10.1.0.1 is in the forbidden segment internet",
            ),
            (
                "[reports]\nhop = '10.2.0.1:25'\nfrom = 'a@b.jp'",
                "f.toml:6: reports.hop: 10.2.0.1 is in the forbidden segment lgwan",
            ),
            (
                "[receive]\nlisten = ['10.2.0.1:25']",
                "f.toml:6: receive.listen[0]: ",
            ),
            (
                "[receive]\ntrusted_peers = ['10.0.0.0/8']",
                "f.toml:6: receive.trusted_peers: ",
            ),
            (
                "[review]\nlisten = '10.3.0.1:80'",
                "f.toml:6: review.listen: ",
            ),
        ] {
            let found = mistakes(&format!("{segments}{text}"));
            assert!(
                found.iter().any(|m| m.starts_with(said)),
                "{text}\n{found:#?}"
            );
        }
        assert_eq!(
            mistakes(&format!("{segments}[deliver]\nnext_hop = '10.2.0.1:25'")),
            Vec::<String>::new()
        );
    }
}
