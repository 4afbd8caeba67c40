//! `[review]`: the web pages.

use std::net::SocketAddr;
use std::time::Duration;

use sekimori_policy::SegmentMap;
use sekimori_review::PageSettings;

use super::Checker;

/// Longest time of a session without use, in minutes: half a working day.
const MAX_IDLE_MINUTES: u64 = 4 * 60;
/// Longest address of the pages, in octets.
const MAX_URL_OCTETS: usize = 500;
/// Longest session, in hours.
const MAX_SESSION_HOURS: u64 = 24;

impl Checker<'_> {
    pub(super) fn review(&mut self, segments: &SegmentMap) -> (Option<SocketAddr>, PageSettings) {
        let keys = self.source.settings.review.clone();
        let listen = self.listener("review.listen", &keys.listen, segments);
        let proxies = self.peers("review.trusted_proxies", &keys.trusted_proxies, segments);
        let idle =
            self.up_to("review.session_idle_minutes", keys.session_idle_minutes, MAX_IDLE_MINUTES);
        let hours = self.up_to("review.session_hours", keys.session_hours, MAX_SESSION_HOURS);
        let pages = PageSettings {
            secure_cookies: keys.secure_cookies,
            trusted_proxies: proxies,
            idle_session: Duration::from_secs(idle * 60),
            longest_session: Duration::from_secs(hours * 3600),
        };
        (listen, pages)
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

    pub(super) fn up_to(&mut self, key: &str, value: u64, most: u64) -> u64 {
        self.at_least(key, value, 1);
        if value > most {
            self.wrong(key, format!("must be at most {most}"));
        }
        value.min(most)
    }
}
