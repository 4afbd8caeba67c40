//! `config show --paths`: the connections that a configuration needs, as a table and as nftables rules
//! that let no others pass. The table stands in comments, so that the output is a ruleset.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

use ipnet::IpNet;
use sekimori_policy::Segment;

use crate::configuration::Checked;

/// Who opens a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// Hosts of these networks, to where we listen. No networks: from anywhere.
    In { from: Vec<IpNet>, at: SocketAddr },
    /// We, to this host and port.
    Out { host: String, port: u16 },
}

/// A connection that the configuration needs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    what: &'static str,
    segment: Segment,
    way: Way,
}

/// Writes table and rules. Host names are looked up by `resolve`; one that cannot be is said in a
/// comment, and has no rule.
pub(super) fn describe(checked: &Checked, resolve: impl Fn(&str, u16) -> Vec<IpAddr>) -> String {
    let paths = paths(checked);
    let mut out = String::from(
        "# Connections that this configuration needs. All else is dropped by the rules below:\n\
         # administration of this machine (such as ssh) is not among them and has to be added.\n\
         # Nothing comes from or goes to the My Number segment.\n#\n",
    );
    for path in &paths {
        let line = match &path.way {
            Way::In { from, at } => {
                format!("in   {:<9} {} -> {at}", path.segment.as_str(), words(from))
            }
            Way::Out { host, port } => format!("out  {:<9} {host}:{port}", path.segment.as_str()),
        };
        // Writing to a string does not fail.
        let _ = writeln!(out, "# {line:<60} {}", path.what);
    }
    let mut incoming = String::new();
    let mut outgoing = String::new();
    let mut has_names = false;
    for path in &paths {
        let _ = match &path.way {
            Way::In { at, .. } if at.ip().is_loopback() => Ok(()),
            Way::In { from, at } => write!(incoming, "{}", rules_in(path.what, from, *at)),
            Way::Out { host, port } => {
                has_names |= host.parse::<IpAddr>().is_err();
                let addresses: BTreeSet<IpAddr> = match host.parse() {
                    Ok(address) => BTreeSet::from([address]),
                    Err(_) => resolve(host, *port).into_iter().collect(),
                };
                write!(outgoing, "{}", rules_out(path.what, host, *port, &addresses))
            }
        };
    }
    if has_names {
        outgoing.push_str(
            "        # names are looked up\n        meta l4proto { tcp, udp } th dport 53 accept\n",
        );
    }
    let _ = write!(
        out,
        "\ntable inet sekimori\ndelete table inet sekimori\ntable inet sekimori {{\n\
         {}\n{incoming}    }}\n    chain passing {{\n        \
         type filter hook forward priority filter; policy drop;\n    }}\n\
         {}\n{outgoing}    }}\n}}\n",
        head("incoming", "input", "iif"),
        head("outgoing", "output", "oif"),
    );
    out
}

/// As the system looks names up, now.
pub(super) fn look_up(host: &str, port: u16) -> Vec<IpAddr> {
    let addresses = (host, port).to_socket_addrs();
    addresses
        .map(|all| all.map(|address| address.ip().to_canonical()).collect())
        .unwrap_or_default()
}

fn paths(checked: &Checked) -> Vec<Path> {
    let relay = &checked.relay;
    let own = relay.half.segment();
    let mut paths = Vec::new();
    let mut add = |what, segment, way| paths.push(Path { what, segment, way });
    for &at in &relay.receive.listen {
        let from = [&relay.receive.trusted_peers[..], &relay.receive.proxy_peers].concat();
        let what = if own == Segment::Lgwan { "text from the other half" } else { "mail" };
        add(what, Segment::Internet, Way::In { from, at });
    }
    let review = Way::In { from: Vec::new(), at: checked.review_listen };
    let what =
        if own == Segment::Lgwan { "health and metrics" } else { "review, health and metrics" };
    add(what, own, review);
    let out = |host: &str, port| Way::Out { host: host.to_owned(), port };
    for hop in &relay.deliver.hops {
        add("text of mail", Segment::Lgwan, out(&hop.host, hop.port));
    }
    if let Some(reports) = &relay.reports {
        add("reports to senders", Segment::Internet, out(&reports.hop.host, reports.hop.port));
    }
    if let Some(hand_over) = &relay.hand_over {
        add("approved originals", Segment::Internet, out(&hand_over.hop.host, hand_over.hop.port));
    }
    if let Some(syslog) = &relay.audit.syslog {
        add("audit record (syslog)", own, out(&syslog.host, syslog.port));
    }
    #[cfg(feature = "internet")]
    if let Some((host, port)) = checked.pages.openid.as_ref().and_then(|o| provider(&o.issuer)) {
        add("identity provider", Segment::Internet, out(&host, port));
    }
    paths
}

#[cfg(feature = "internet")]
/// Host and port of an issuer: `https://`, or in a trial on one machine `http://`.
pub(crate) fn provider(issuer: &str) -> Option<(String, u16)> {
    let (rest, usual) = match issuer.strip_prefix("https://") {
        Some(rest) => (rest, 443),
        None => (issuer.strip_prefix("http://")?, 80),
    };
    let authority = rest.split('/').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            (host, port.parse().ok()?)
        }
        _ => (authority, usual),
    };
    Some((host.trim_matches(['[', ']']).to_owned(), port))
}

fn words(networks: &[IpNet]) -> String {
    if networks.is_empty() {
        return "anywhere".to_owned();
    }
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn head(chain: &str, hook: &str, interface: &str) -> String {
    format!(
        "    chain {chain} {{\n        type filter hook {hook} priority filter; policy drop;\n        \
         ct state established,related accept\n        {interface} \"lo\" accept\n        \
         icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert }} accept"
    )
}

fn rules_in(what: &str, from: &[IpNet], at: SocketAddr) -> String {
    let to = match at.ip() {
        ip if ip.is_unspecified() => String::new(),
        IpAddr::V4(ip) => format!("ip daddr {ip} "),
        IpAddr::V6(ip) => format!("ip6 daddr {ip} "),
    };
    let port = at.port();
    let mut rules = format!("        # {what}\n");
    if from.is_empty() {
        let _ = writeln!(rules, "        {to}tcp dport {port} accept");
        return rules;
    }
    let is_listened_on = |family: &str| match at.ip() {
        ip if ip.is_unspecified() => true,
        IpAddr::V4(_) => family == "ip",
        IpAddr::V6(_) => family == "ip6",
    };
    for (family, networks) in by_family(from).into_iter().filter(|(f, _)| is_listened_on(f)) {
        let _ = writeln!(
            rules,
            "        {family} saddr {{ {} }} {to}tcp dport {port} accept",
            words(&networks)
        );
    }
    rules
}

/// Networks of IPv4 and of IPv6, those families that there are.
fn by_family(networks: &[IpNet]) -> Vec<(&'static str, Vec<IpNet>)> {
    let (v4, v6): (Vec<IpNet>, Vec<IpNet>) =
        networks.iter().partition(|network| matches!(network, IpNet::V4(_)));
    [("ip", v4), ("ip6", v6)].into_iter().filter(|(_, networks)| !networks.is_empty()).collect()
}

fn rules_out(what: &str, host: &str, port: u16, addresses: &BTreeSet<IpAddr>) -> String {
    let mut rules = format!("        # {what}: {host}\n");
    if addresses.is_empty() {
        let _ = writeln!(rules, "        # not known by that name now: no rule");
    }
    for address in addresses {
        let family = if address.is_ipv4() { "ip" } else { "ip6" };
        let _ = writeln!(rules, "        {family} daddr {address} tcp dport {port} accept");
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_of_the_family_that_is_listened_on() {
        let from: Vec<IpNet> =
            ["192.0.2.0/24", "2001:db8::/32"].map(|n| n.parse().unwrap()).to_vec();
        let rules = |at: &str| rules_in("mail", &from, at.parse().unwrap());
        let v4 = "ip saddr { 192.0.2.0/24 } ip daddr 192.0.2.5 tcp dport 25 accept";
        assert!(rules("192.0.2.5:25").contains(v4));
        assert!(!rules("192.0.2.5:25").contains("ip6"));
        let both = rules("0.0.0.0:25");
        assert!(both.contains("ip saddr { 192.0.2.0/24 } tcp dport 25 accept"), "{both}");
        assert!(both.contains("ip6 saddr { 2001:db8::/32 } tcp dport 25 accept"), "{both}");
    }

    #[test]
    fn a_name_has_a_rule_for_each_of_its_addresses_and_none_without() {
        let known =
            BTreeSet::from(["198.51.100.25".parse().unwrap(), "2001:db8::25".parse().unwrap()]);
        let rules = rules_out("text of mail", "mail.lgwan.example", 25, &known);
        assert!(rules.contains("ip daddr 198.51.100.25 tcp dport 25 accept"), "{rules}");
        assert!(rules.contains("ip6 daddr 2001:db8::25 tcp dport 25 accept"), "{rules}");
        let unknown = rules_out("text of mail", "mail.lgwan.example", 25, &BTreeSet::new());
        assert!(!unknown.contains("accept"), "{unknown}");
    }

    #[test]
    fn a_provider_is_known_by_its_issuer() {
        let of = |issuer| provider(issuer).unwrap();
        assert_eq!(of("https://id.example.jp/realms/town"), ("id.example.jp".to_owned(), 443));
        assert_eq!(of("https://[2001:db8::1]:8443/"), ("2001:db8::1".to_owned(), 8443));
    }
}
