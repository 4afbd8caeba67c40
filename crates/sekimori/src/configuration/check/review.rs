//! `[review]`: the web pages.

use std::time::Duration;

use sekimori_journal::Role;
use sekimori_policy::SegmentMap;
use sekimori_review::PageSettings;
use sekimori_review::openid::{GroupRole, OpenIdSettings};

use super::Checker;

/// Longest time of a session without use, in minutes: half a working day.
const MAX_IDLE_MINUTES: u64 = 4 * 60;
/// Longest address of the pages, in octets.
const MAX_URL_OCTETS: usize = 500;
/// Longest session, in hours.
const MAX_SESSION_HOURS: u64 = 24;

impl Checker<'_> {
    pub(super) fn review(&mut self, segments: &SegmentMap) -> PageSettings {
        let keys = self.source.settings.review.clone();
        let proxies = self.peers("review.trusted_proxies", &keys.trusted_proxies, segments);
        let idle =
            self.up_to("review.session_idle_minutes", keys.session_idle_minutes, MAX_IDLE_MINUTES);
        let hours = self.up_to("review.session_hours", keys.session_hours, MAX_SESSION_HOURS);
        PageSettings {
            secure_cookies: keys.secure_cookies,
            trusted_proxies: proxies,
            idle_session: Duration::from_secs(idle * 60),
            longest_session: Duration::from_secs(hours * 3600),
            openid: self.openid(),
        }
    }

    fn openid(&mut self) -> Option<OpenIdSettings> {
        let review = self.source.settings.review.clone();
        let keys = review.openid;
        if keys.issuer.is_empty() {
            if !keys.client_id.is_empty() || !keys.group.is_empty() {
                self.wrong("review.openid.issuer", "must be the provider's issuer identifier");
            }
            return None;
        }
        if !keys.issuer.starts_with("https://") && !keys.issuer.starts_with("http://127.0.0.1") {
            self.wrong("review.openid.issuer", "must begin with https://");
        }
        if keys.client_id.is_empty() {
            self.wrong("review.openid.client_id", "must be how the provider knows us");
        }
        let url = review.url.trim().trim_end_matches('/').to_owned();
        if url.is_empty() {
            self.wrong("review.url", "must be set: the provider sends people back there");
        }
        let mut groups = Vec::new();
        for (index, group) in keys.group.iter().enumerate() {
            let path = format!("review.openid.group[{index}]");
            let role = Role::ALL.into_iter().find(|role| role.as_str() == group.role);
            let is_known = self
                .source
                .settings
                .organisation
                .iter()
                .any(|o| o.name.trim() == group.organisation);
            if !is_known {
                self.wrong(&format!("{path}.organisation"), "names no [[organisation]]");
            }
            match role {
                Some(role) => groups.push(GroupRole {
                    group: group.group.clone(),
                    organisation: group.organisation.clone(),
                    role,
                }),
                None => self.wrong(
                    &format!("{path}.role"),
                    "must be requester, approver, auditor or administrator",
                ),
            }
        }
        let key = "review.openid.client_secret_file";
        let client_secret = match std::fs::read_to_string(&keys.client_secret_file) {
            Ok(secret) => secret.trim().to_owned(),
            Err(error) => {
                self.wrong(key, format!("{:?} cannot be read: {error}", keys.client_secret_file));
                String::new()
            }
        };
        Some(OpenIdSettings {
            issuer: keys.issuer,
            client_id: keys.client_id,
            client_secret,
            name: keys.name,
            groups_claim: keys.groups_claim,
            groups,
            redirect_url: format!("{url}/openid/back"),
        })
    }

    /// The public address of the pages, for digests.
    pub(super) fn review_url(&mut self) -> Option<String> {
        let url = self.source.settings.review.url.trim().trim_end_matches('/').to_owned();
        if url.is_empty() {
            return None;
        }
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web || url.len() > MAX_URL_OCTETS || !url.bytes().all(|b| b.is_ascii_graphic()) {
            self.wrong("review.url", "must begin with https:// or http:// and hold no blanks");
        }
        Some(url)
    }
}
