//! `[deliver]`, `[reports]` and `[hand_over]`: next hops, TLS, login, retries.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use sekimori_policy::{Address, Domain, Segment, SegmentMap};
use sekimori_relay::settings as relay;

use super::Checker;
use crate::configuration::settings::TlsKey;

impl Checker<'_> {
    pub(super) fn hop(
        &mut self,
        key: &str,
        text: &str,
        side: Segment,
        segments: &SegmentMap,
    ) -> Option<(String, u16)> {
        let split =
            text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = split.filter(|&(_, port)| port != 0) else {
            self.wrong(
                key,
                format!("{text:?} is no mail server; write it as mail.example.lg.jp:25"),
            );
            return None;
        };
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let address = host.parse::<IpAddr>().ok();
        if address.is_none() && Domain::parse(host).is_err() {
            self.wrong(key, format!("{host:?} is neither a host name nor an address"));
            return None;
        }
        match address.map(|address| (address, segments.segment_of(address))) {
            Some((_, Some(segment))) if segment != side => {
                self.wrong(
                    key,
                    format!(
                        "{host} is in the forbidden segment {}; this must be in segment {}",
                        segment.as_str(),
                        side.as_str()
                    ),
                );
            }
            Some((address, None)) if segments.must_list(address) => {
                self.wrong(
                    key,
                    format!("{host} is in no segment; this must be in {}", side.as_str()),
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
            self.wrong(&format!("{section}.tls"), "\"verify\" needs tls_authorities, a PEM file");
        }
        let tls = match tls {
            TlsKey::None => relay::HopTls::None,
            TlsKey::May => relay::HopTls::May,
            TlsKey::Encrypt => relay::HopTls::Encrypt,
            TlsKey::Verify => relay::HopTls::Verify,
        };
        (tls, file)
    }

    pub(super) fn deliver(&mut self, segments: &SegmentMap) -> relay::Deliver {
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
            self.wrong("deliver.tls", "must be \"encrypt\" or \"verify\" when a password is sent");
        }
        let identity = self.identity(&keys.tls_certificate, &keys.tls_key);
        if keys.gate && (tls != relay::HopTls::Verify || identity.is_none()) {
            self.wrong(
                "deliver.gate",
                "needs tls = \"verify\", tls_certificate and tls_key: a gate takes mail from us alone",
            );
        }
        if keys.gate && !keys.fallback_hops.is_empty() {
            self.wrong(
                "deliver.fallback_hops",
                "must be empty with gate = true: only the gate that took a message can tell what \
                 became of it",
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
                identity: identity.clone(),
                login: login.clone(),
                is_gate: keys.gate,
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
                give_up: self
                    .seconds("deliver.give_up_hours", keys.give_up_hours.saturating_mul(3_600)),
                delay_report: Duration::from_secs(keys.delay_report_hours.min(8_784) * 3_600),
            },
            timeouts: relay::DeliverTimeouts {
                connect: self
                    .seconds("deliver.connect_timeout_seconds", keys.connect_timeout_seconds),
                command: self
                    .seconds("deliver.command_timeout_seconds", keys.command_timeout_seconds),
                end_of_data: self.seconds(
                    "deliver.end_of_data_timeout_seconds",
                    keys.end_of_data_timeout_seconds,
                ),
            },
        }
    }

    pub(super) fn reports(&mut self, segments: &SegmentMap) -> Option<relay::Reports> {
        let keys = self.source.settings.reports.clone();
        let (hop, from) = self.internet_hop(
            "reports",
            [&keys.hop, &keys.from, &keys.tls_authorities],
            keys.tls,
            segments,
        )?;
        Some(relay::Reports { hop, from })
    }

    pub(super) fn hand_over(&mut self, segments: &SegmentMap) -> Option<relay::HandOver> {
        let keys = self.source.settings.hand_over.clone();
        let (hop, from) = self.internet_hop(
            "hand_over",
            [&keys.hop, &keys.from, &keys.tls_authorities],
            keys.tls,
            segments,
        )?;
        Some(relay::HandOver { hop, from })
    }

    /// A mail server of the Internet segment and the address that is used toward it. It can be no
    /// next hop: neither reports nor originals ever go toward LGWAN.
    fn internet_hop(
        &mut self,
        section: &str,
        [hop, from, authorities]: [&str; 3],
        tls: TlsKey,
        segments: &SegmentMap,
    ) -> Option<(relay::Hop, Address)> {
        let (tls, tls_authorities) = self.tls(section, tls, authorities);
        let hop_key = format!("{section}.hop");
        let from_key = format!("{section}.from");
        if hop.is_empty() {
            if !from.is_empty() {
                self.wrong(&from_key, format!("needs {hop_key}, the mail server that it is for"));
            }
            return None;
        }
        let (host, port) = self.hop(&hop_key, hop, Segment::Internet, segments)?;
        let deliver = &self.source.settings.deliver;
        let same = |text: &String| {
            text.rsplit_once(':').is_some_and(|(other, other_port)| {
                let other =
                    other.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(other);
                other.eq_ignore_ascii_case(&host) && other_port.parse() == Ok(port)
            })
        };
        if same(&deliver.next_hop) || deliver.fallback_hops.iter().any(same) {
            self.wrong(&hop_key, "is also a next hop; this never goes toward LGWAN");
        }
        let address = Address::parse(from).ok().filter(Address::is_ascii);
        if address.is_none() {
            self.wrong(
                &from_key,
                format!("{from:?} is no address; write it as postmaster@town.example.lg.jp"),
            );
        }
        let (identity, login, is_gate) = (None, None, false);
        Some((relay::Hop { host, port, tls, tls_authorities, identity, login, is_gate }, address?))
    }

    /// The certificate that we show to a hop.
    fn identity(&mut self, certificate: &str, key: &str) -> Option<relay::HopIdentity> {
        match (certificate.is_empty(), key.is_empty()) {
            (true, true) => None,
            (false, false) => Some(relay::HopIdentity {
                certificate: self.file("deliver.tls_certificate", certificate),
                key: self.file("deliver.tls_key", key),
            }),
            _ => {
                self.wrong(
                    "deliver.tls_certificate",
                    "tls_certificate and tls_key belong together",
                );
                None
            }
        }
    }
}
