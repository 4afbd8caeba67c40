//! `[sanitize]`, `[journal]`, `[audit]` and `[log]`.

use std::path::PathBuf;

use sekimori_policy::{Address, Limits, Organisation, SegmentMap};
use sekimori_relay::settings as relay;

use super::Checker;

impl Checker<'_> {
    pub(super) fn convert(&mut self) -> relay::Convert {
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
            #[cfg(feature = "internet")]
            pool: None,
        }
    }

    pub(super) fn journal(&mut self) -> sekimori_journal::Settings {
        let keys = self.source.settings.journal.clone();
        if keys.path.is_empty() {
            self.wrong("journal.path", "names no folder");
        }
        self.at_least("journal.segment_octets", keys.segment_octets, 1024 * 1024);
        self.seconds("journal.expire_interval_seconds", keys.expire_interval_seconds);
        sekimori_journal::Settings {
            segment_octets: keys.segment_octets,
            reserve_octets: keys.reserve_octets,
            audit_key: Some(PathBuf::from(keys.audit_key)).filter(|p| !p.as_os_str().is_empty()),
            ..sekimori_journal::Settings::default()
        }
    }

    pub(super) fn audit(&mut self, segments: &SegmentMap) -> relay::Audit {
        let keys = self.source.settings.audit.clone();
        let side = self.half().segment();
        let syslog = if keys.syslog.is_empty() {
            if keys.syslog_records {
                self.wrong("audit.syslog_records", "needs audit.syslog, where records are sent");
            }
            None
        } else if keys.syslog_tls_authorities.is_empty() {
            self.wrong("audit.syslog", "needs syslog_tls_authorities, a PEM file");
            None
        } else {
            let authorities =
                self.file("audit.syslog_tls_authorities", &keys.syslog_tls_authorities);
            self.hop("audit.syslog", &keys.syslog, side, segments).map(|(host, port)| {
                relay::Syslog { host, port, authorities, records: keys.syslog_records }
            })
        };
        relay::Audit {
            checkpoint_file: Some(PathBuf::from(keys.checkpoint_file))
                .filter(|path| !path.as_os_str().is_empty()),
            interval: self
                .seconds("audit.checkpoint_interval_seconds", keys.checkpoint_interval_seconds),
            verify: match keys.verify_hours {
                0 => None,
                hours => Some(self.seconds("audit.verify_hours", hours.saturating_mul(3_600))),
            },
            syslog,
        }
    }

    pub(super) fn canary(&mut self, organisations: &[Organisation]) -> Option<relay::Canary> {
        let keys = self.source.settings.canary.clone();
        let every = self.seconds("canary.every_minutes", keys.every_minutes.saturating_mul(60));
        let patience = self.seconds("canary.patience_seconds", keys.patience_seconds);
        if keys.recipient.is_empty() {
            return None;
        }
        let recipient = match Address::parse(&keys.recipient) {
            Ok(recipient) => recipient,
            Err(error) => {
                self.wrong("canary.recipient", format!("{:?}: {error}", keys.recipient));
                return None;
            }
        };
        if !organisations.iter().any(|o| o.domains.contains(recipient.domain())) {
            self.wrong("canary.recipient", "must be in a domain of an organisation");
        }
        Some(relay::Canary { recipient, every, patience })
    }

    pub(super) fn log(&mut self) {
        let level = self.source.settings.log.level.clone();
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&level) {
            self.wrong("log.level", format!("{level:?} is no filter: {error}"));
        }
    }
}
