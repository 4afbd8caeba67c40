//! `[[organisation]]`: names, domains, that no two share one, and whom each believes.

use sekimori_policy::rule::MAX_AUTHENTICATION_HOSTS;
use sekimori_policy::{Address, Domain, Organisation};

use super::Checker;
use crate::configuration::settings::OrganisationKeys;

impl Checker<'_> {
    pub(super) fn organisations(&mut self) -> Vec<Organisation> {
        let all = self.source.settings.organisation.clone();
        if all.is_empty() {
            self.wrong("", "there is no [[organisation]], so no recipient would be accepted");
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
                _ => self.wrong(&format!("{path}.domains[{i}]"), format!("{text:?} is no domain")),
            }
        }
        self.at_least(&format!("{path}.retention_days"), u64::from(keys.retention_days), 1);
        let undo = u64::from(keys.undo_days);
        self.up_to(&format!("{path}.undo_days"), undo, u64::from(Organisation::MAX_UNDO_DAYS));
        let authentication_hosts = self.authentication_hosts(&path, &keys.authentication_hosts);
        let rules = self.rules(&path, keys);
        let reviewers = self.reviewers(&path, &keys.reviewers, &domains);
        let digest_hours = self.digest_hours(&path, &keys.digest_hours);
        if keys.expiry_reminder_days > keys.retention_days {
            self.wrong(&format!("{path}.expiry_reminder_days"), "must be at most retention_days");
        }
        Organisation {
            mode: keys.mode,
            language: keys.language,
            notice: keys.notice,
            notice_always: keys.notice_always,
            links: keys.links,
            link_placement: keys.link_placement,
            encrypted: keys.encrypted,
            retention_days: keys.retention_days,
            rules,
            authentication_hosts,
            two_person_text: keys.two_person_text,
            two_person_original: keys.two_person_original,
            undo_days: keys.undo_days,
            hold_notice: keys.hold_notice,
            reviewers,
            digest_hours,
            expiry_reminder_days: keys.expiry_reminder_days,
            name: keys.name.trim().to_owned(),
            domains,
        }
    }

    /// Addresses of the organisation's own domains: digests name its mail.
    fn reviewers(&mut self, path: &str, texts: &[String], domains: &[Domain]) -> Vec<Address> {
        let path = format!("{path}.reviewers");
        if texts.len() > Organisation::MAX_REVIEWERS {
            self.wrong(&path, format!("names more than {} people", Organisation::MAX_REVIEWERS));
        }
        let mut addresses = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            match Address::parse(text) {
                Ok(address) if domains.iter().any(|domain| domain == address.domain()) => {
                    addresses.push(address);
                }
                Ok(_) => self.wrong(
                    &format!("{path}[{i}]"),
                    format!("{text:?} is not of the organisation's own domains"),
                ),
                Err(_) => self.wrong(&format!("{path}[{i}]"), format!("{text:?} is no address")),
            }
        }
        addresses
    }

    fn digest_hours(&mut self, path: &str, hours: &[u64]) -> Vec<u8> {
        let mut known = Vec::new();
        for (i, &hour) in hours.iter().enumerate() {
            match u8::try_from(hour).ok().filter(|&hour| hour < 24) {
                Some(hour) => known.push(hour),
                None => self.wrong(&format!("{path}.digest_hours[{i}]"), "must be at most 23"),
            }
        }
        known
    }

    fn authentication_hosts(&mut self, path: &str, hosts: &[String]) -> Vec<String> {
        let path = format!("{path}.authentication_hosts");
        if hosts.len() > MAX_AUTHENTICATION_HOSTS {
            self.wrong(&path, format!("names more than {MAX_AUTHENTICATION_HOSTS} hosts"));
        }
        let mut names = Vec::new();
        for (i, text) in hosts.iter().enumerate() {
            match Domain::parse(text) {
                Ok(host) if !text.starts_with('[') => names.push(host.to_string()),
                _ => self.wrong(&format!("{path}[{i}]"), format!("{text:?} is no host name")),
            }
        }
        names
    }
}
