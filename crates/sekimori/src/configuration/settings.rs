//! The configuration file as it is written: one field for each key, each with its default.
//!
//! Meaning is checked elsewhere ([`super::check()`]); here stand names, types and defaults. Durations
//! are whole numbers of the unit in the key's name, sizes are octets.

use sekimori_policy::{
    EncryptedParts, Language, Limits, LinkMode, LinkPlacement, Mode, NoticePosition, Organisation,
};
use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FileSettings {
    pub(crate) receive: ReceiveKeys,
    pub(crate) sanitize: SanitizeKeys,
    pub(crate) deliver: DeliverKeys,
    pub(crate) reports: ReportsKeys,
    pub(crate) hand_over: HandOverKeys,
    pub(crate) journal: JournalKeys,
    pub(crate) audit: AuditKeys,
    pub(crate) review: ReviewKeys,
    pub(crate) segments: SegmentKeys,
    pub(crate) crossing: CrossingKeys,
    pub(crate) canary: CanaryKeys,
    pub(crate) confinement: ConfinementKeys,
    pub(crate) log: LogKeys,
    pub(crate) organisation: Vec<OrganisationKeys>,
}

/// `[receive]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReceiveKeys {
    pub(crate) listen: Vec<String>,
    pub(crate) trusted_peers: Vec<String>,
    pub(crate) hostname: String,
    pub(crate) xforward_peers: Vec<String>,
    pub(crate) proxy_peers: Vec<String>,
    pub(crate) tls_certificate: String,
    pub(crate) tls_key: String,
    pub(crate) tls_required: bool,
    pub(crate) tls_client_authorities: String,
    pub(crate) bare_line_ends: BareLineEnds,
    pub(crate) max_message_octets: u64,
    pub(crate) max_recipients: u64,
    pub(crate) max_commands: u64,
    pub(crate) max_errors: u64,
    pub(crate) max_connections: u64,
    pub(crate) max_connections_per_peer: u64,
    pub(crate) max_octets_in_flight: u64,
    pub(crate) room_wait_seconds: u64,
    pub(crate) command_timeout_seconds: u64,
    pub(crate) data_timeout_seconds: u64,
    pub(crate) message_timeout_seconds: u64,
    pub(crate) handshake_timeout_seconds: u64,
}

/// What is done with bare CR and LF in data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BareLineEnds {
    Refuse,
    Normalise,
}

impl Default for ReceiveKeys {
    fn default() -> Self {
        Self {
            listen: vec!["127.0.0.1:2525".to_owned()],
            trusted_peers: vec!["127.0.0.0/8".to_owned()],
            hostname: String::new(),
            xforward_peers: Vec::new(),
            proxy_peers: Vec::new(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            tls_required: false,
            tls_client_authorities: String::new(),
            bare_line_ends: BareLineEnds::Refuse,
            max_message_octets: 50 * 1024 * 1024,
            max_recipients: 1_000,
            max_commands: 100_000,
            max_errors: 20,
            max_connections: 1_000,
            max_connections_per_peer: 500,
            max_octets_in_flight: 256 * 1024 * 1024,
            room_wait_seconds: 60,
            command_timeout_seconds: 300,
            data_timeout_seconds: 180,
            message_timeout_seconds: 1_800,
            handshake_timeout_seconds: 30,
        }
    }
}

/// Where sanitizing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunIn {
    /// In processes where the next hop is a gate, in threads otherwise.
    Auto,
    /// In threads of the relay.
    Threads,
    /// In worker processes without files and network.
    Processes,
}

/// `[sanitize]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SanitizeKeys {
    pub(crate) workers: u64,
    pub(crate) run_in: RunIn,
    pub(crate) deadline_seconds: u64,
    pub(crate) limits: Limits,
}

impl Default for SanitizeKeys {
    fn default() -> Self {
        Self { workers: 0, run_in: RunIn::Auto, deadline_seconds: 20, limits: Limits::default() }
    }
}

/// How TLS is used toward a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TlsKey {
    None,
    May,
    Encrypt,
    Verify,
}

/// `[deliver]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeliverKeys {
    pub(crate) next_hop: String,
    pub(crate) fallback_hops: Vec<String>,
    pub(crate) gate: bool,
    pub(crate) tls: TlsKey,
    pub(crate) tls_authorities: String,
    pub(crate) tls_certificate: String,
    pub(crate) tls_key: String,
    pub(crate) user: String,
    pub(crate) password_file: String,
    pub(crate) concurrency: u64,
    pub(crate) messages_per_connection: u64,
    pub(crate) idle_seconds: u64,
    pub(crate) retry_first_seconds: u64,
    pub(crate) retry_longest_seconds: u64,
    pub(crate) give_up_hours: u64,
    pub(crate) delay_report_hours: u64,
    pub(crate) connect_timeout_seconds: u64,
    pub(crate) command_timeout_seconds: u64,
    pub(crate) end_of_data_timeout_seconds: u64,
}

impl Default for DeliverKeys {
    fn default() -> Self {
        Self {
            next_hop: "127.0.0.1:2600".to_owned(),
            fallback_hops: Vec::new(),
            gate: false,
            tls: TlsKey::May,
            tls_authorities: String::new(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            user: String::new(),
            password_file: String::new(),
            concurrency: 20,
            messages_per_connection: 1_000,
            idle_seconds: 30,
            retry_first_seconds: 60,
            retry_longest_seconds: 3_600,
            give_up_hours: 120,
            delay_report_hours: 4,
            connect_timeout_seconds: 30,
            command_timeout_seconds: 300,
            end_of_data_timeout_seconds: 600,
        }
    }
}

/// `[reports]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReportsKeys {
    pub(crate) hop: String,
    pub(crate) from: String,
    pub(crate) tls: TlsKey,
    pub(crate) tls_authorities: String,
}

impl Default for ReportsKeys {
    fn default() -> Self {
        Self {
            hop: String::new(),
            from: String::new(),
            tls: TlsKey::May,
            tls_authorities: String::new(),
        }
    }
}

/// `[hand_over]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HandOverKeys {
    pub(crate) hop: String,
    pub(crate) from: String,
    pub(crate) tls: TlsKey,
    pub(crate) tls_authorities: String,
}

impl Default for HandOverKeys {
    fn default() -> Self {
        Self {
            hop: String::new(),
            from: String::new(),
            tls: TlsKey::May,
            tls_authorities: String::new(),
        }
    }
}

/// `[journal]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct JournalKeys {
    pub(crate) path: String,
    pub(crate) segment_octets: u64,
    pub(crate) reserve_octets: u64,
    pub(crate) max_octets: u64,
    pub(crate) expire_interval_seconds: u64,
    pub(crate) audit_key: String,
}

impl Default for JournalKeys {
    fn default() -> Self {
        Self {
            path: "var/sekimori".to_owned(),
            segment_octets: 256 * 1024 * 1024,
            reserve_octets: 512 * 1024 * 1024,
            max_octets: 0,
            expire_interval_seconds: 300,
            audit_key: String::new(),
        }
    }
}

/// `[audit]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditKeys {
    pub(crate) checkpoint_file: String,
    pub(crate) checkpoint_interval_seconds: u64,
    pub(crate) verify_hours: u64,
    pub(crate) syslog: String,
    pub(crate) syslog_tls_authorities: String,
    pub(crate) syslog_records: bool,
}

impl Default for AuditKeys {
    fn default() -> Self {
        Self {
            checkpoint_file: String::new(),
            checkpoint_interval_seconds: 900,
            verify_hours: 24,
            syslog: String::new(),
            syslog_tls_authorities: String::new(),
            syslog_records: false,
        }
    }
}

/// `[review]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReviewKeys {
    pub(crate) listen: String,
    pub(crate) secure_cookies: bool,
    pub(crate) trusted_proxies: Vec<String>,
    pub(crate) session_idle_minutes: u64,
    pub(crate) session_hours: u64,
    pub(crate) second_factor: bool,
    pub(crate) url: String,
    pub(crate) openid: OpenIdKeys,
}

/// `[review.openid]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OpenIdKeys {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret_file: String,
    pub(crate) name: String,
    pub(crate) groups_claim: String,
    pub(crate) group: Vec<GroupKeys>,
}

impl Default for OpenIdKeys {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret_file: String::new(),
            name: "OpenID Connect".to_owned(),
            groups_claim: "groups".to_owned(),
            group: Vec::new(),
        }
    }
}

/// `[[review.openid.group]]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupKeys {
    pub(crate) group: String,
    pub(crate) organisation: String,
    pub(crate) role: String,
}

impl Default for ReviewKeys {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8025".to_owned(),
            secure_cookies: true,
            trusted_proxies: Vec::new(),
            session_idle_minutes: 30,
            session_hours: 12,
            second_factor: true,
            url: String::new(),
            openid: OpenIdKeys::default(),
        }
    }
}

/// What becomes of mail while the crossing is stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WhenStoppedKey {
    #[default]
    Hold,
    Defer,
}

/// `[crossing]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CrossingKeys {
    pub(crate) when_stopped: WhenStoppedKey,
}

/// `[canary]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CanaryKeys {
    pub(crate) recipient: String,
    pub(crate) every_minutes: u64,
    pub(crate) patience_seconds: u64,
}

impl Default for CanaryKeys {
    fn default() -> Self {
        Self { recipient: String::new(), every_minutes: 60, patience_seconds: 900 }
    }
}

/// Whether a running process confines itself to what it needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConfinementMode {
    /// As far as the kernel has the means; what it does not have is logged.
    #[default]
    Auto,
    /// Nothing runs without all of it.
    Required,
    /// Not at all.
    Off,
}

/// `[confinement]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConfinementKeys {
    pub(crate) mode: ConfinementMode,
}

/// In which segment this machine is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SideKey {
    #[default]
    Internet,
    Lgwan,
}

/// `[segments]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SegmentKeys {
    pub(crate) side: SideKey,
    pub(crate) internet: Vec<String>,
    pub(crate) lgwan: Vec<String>,
    pub(crate) mynumber: Vec<String>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogKeys {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
}

impl Default for LogKeys {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// `[[organisation]]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct OrganisationKeys {
    pub(crate) name: String,
    pub(crate) domains: Vec<String>,
    pub(crate) mode: Mode,
    pub(crate) language: Language,
    pub(crate) notice: NoticePosition,
    pub(crate) notice_always: bool,
    pub(crate) links: LinkMode,
    pub(crate) link_placement: LinkPlacement,
    pub(crate) encrypted: EncryptedParts,
    #[serde(default = "default_retention")]
    pub(crate) retention_days: u32,
    pub(crate) two_person_text: bool,
    #[serde(default = "default_two_person_original")]
    pub(crate) two_person_original: bool,
    #[serde(default = "default_undo")]
    pub(crate) undo_days: u32,
    pub(crate) hold_notice: bool,
    pub(crate) reviewers: Vec<String>,
    pub(crate) digest_hours: Vec<u64>,
    pub(crate) expiry_reminder_days: u32,
    pub(crate) authentication_hosts: Vec<String>,
    pub(crate) rule: Vec<RuleKeys>,
}

fn default_retention() -> u32 {
    Organisation::DEFAULT_RETENTION_DAYS
}

fn default_two_person_original() -> bool {
    true
}

fn default_undo() -> u32 {
    Organisation::DEFAULT_UNDO_DAYS
}

/// `[[organisation.rule]]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RuleKeys {
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) tag: String,
    pub(crate) shadow: bool,
    pub(crate) sender: Vec<String>,
    pub(crate) from: Vec<String>,
    pub(crate) recipient: Vec<String>,
    pub(crate) decisions: Vec<String>,
    pub(crate) types: Vec<String>,
    pub(crate) size_at_least: Option<u64>,
    pub(crate) encrypted: Option<bool>,
    pub(crate) authentication: AuthenticationKeys,
    pub(crate) hours: Vec<String>,
    pub(crate) weekdays: Vec<String>,
}

/// `authentication` of a rule
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuthenticationKeys {
    pub(crate) spf: Vec<String>,
    pub(crate) dkim: Vec<String>,
    pub(crate) dmarc: Vec<String>,
}
