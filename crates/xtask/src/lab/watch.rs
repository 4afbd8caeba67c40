//! What arrives at a machine: tables of nftables that count and remember, and let everything pass.
//!
//! On a half the watch stands behind the half's own rules, so it sees what these let in or through. In
//! front of them it only counts, which shows that a packet was there for the rules to drop.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::namespace::Namespace;
use super::network::Machine;

/// A flow that got as far as to be seen by the machine, or by the machine behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flow {
    /// Who sent it.
    pub(crate) from: Ipv4Addr,
    /// Whom it was for.
    pub(crate) to: Ipv4Addr,
    /// Its protocol as nft names or numbers it.
    pub(crate) protocol: String,
    /// Its port, where the protocol has ports.
    pub(crate) port: Option<u16>,
}

/// The table. Beginnings of connections only: answers to what a machine began itself are no crossing.
/// `inet` has both IPs; the sets hold IPv4, and what comes by IPv6 is counted.
const TABLE: &str = "\
table inet lab {
    set with_port {
        type ipv4_addr . ipv4_addr . inet_proto . inet_service
        flags dynamic
        size 1000000
    }
    set without_port {
        type ipv4_addr . ipv4_addr . inet_proto
        flags dynamic
        size 10000
    }
    counter by_ipv6 {}
    counter from_ipv6 {}
    COUNTERS
    chain seen {
        iif \"lo\" return
        meta nfproto ipv6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert, mld2-listener-report } return
        meta nfproto ipv6 counter name by_ipv6 return
        tcp flags & (syn | ack) == syn add @with_port { ip saddr . ip daddr . meta l4proto . th dport }
        meta l4proto tcp return
        ct state established,related return
        meta l4proto udp add @with_port { ip saddr . ip daddr . meta l4proto . th dport } return
        add @without_port { ip saddr . ip daddr . meta l4proto }
    }
    chain wire {
        type filter hook prerouting priority raw; policy accept;
        meta nfproto ipv6 counter name from_ipv6
        COUNTING
    }
    chain arrived { type filter hook input priority filter + 10; policy accept; jump seen; }
    chain passed { type filter hook forward priority filter + 10; policy accept; jump seen; }
}
";

/// Puts the watch up.
pub(crate) fn put_up(namespace: &Namespace) -> Result<()> {
    let mut counters = String::new();
    let mut counting = String::new();
    for machine in Machine::ALL {
        let name = counter(machine);
        counters.push_str(&format!("counter {name} {{}}\n"));
        counting.push_str(&format!("ip saddr {} counter name {name}\n", machine.address()));
    }
    namespace.load_rules(&TABLE.replace("COUNTERS", &counters).replace("COUNTING", &counting))
}

fn counter(machine: Machine) -> String {
    format!("from_{}", machine.as_str().replace('-', "_"))
}

/// Packets of a machine that have come in on the wire, dropped later or not.
pub(crate) fn on_the_wire(namespace: &Namespace, from: Machine) -> Result<u64> {
    count(namespace, &counter(from))
}

/// Packets by IPv6 that the rules let in or through, neighbour discovery apart.
pub(crate) fn by_ipv6(namespace: &Namespace) -> Result<u64> {
    count(namespace, "by_ipv6")
}

/// Packets by IPv6 that have come in on the wire, dropped later or not.
pub(crate) fn ipv6_on_the_wire(namespace: &Namespace) -> Result<u64> {
    count(namespace, "from_ipv6")
}

fn count(namespace: &Namespace, name: &str) -> Result<u64> {
    let listed = list(namespace, &["list", "counter", "inet", "lab", name])?;
    let packets = listed.iter().find_map(|object| object.get("counter")?.get("packets")?.as_u64());
    packets.with_context(|| format!("nft does not tell the counter {name}"))
}

/// Forgets the flows seen so far.
pub(crate) fn forget(namespace: &Namespace) -> Result<()> {
    namespace.load_rules("flush set inet lab with_port\nflush set inet lab without_port\n")
}

/// The flows seen.
pub(crate) fn seen(namespace: &Namespace) -> Result<BTreeSet<Flow>> {
    let mut flows = BTreeSet::new();
    for set in ["with_port", "without_port"] {
        let listed = list(namespace, &["list", "set", "inet", "lab", set])?;
        let elements =
            listed.iter().filter_map(|object| object.get("set")?.get("elem")?.as_array()).flatten();
        for element in elements {
            flows.insert(flow(element).with_context(|| format!("not a flow: {element}"))?);
        }
    }
    Ok(flows)
}

fn list(namespace: &Namespace, arguments: &[&str]) -> Result<Vec<Value>> {
    let text = namespace.call("/usr/sbin/nft", &[&["--json", "--numeric"], arguments].concat())?;
    let mut value: Value = serde_json::from_str(&text)?;
    let objects = value.get_mut("nftables").and_then(Value::as_array_mut).map(std::mem::take);
    objects.context("nft prints no objects")
}

/// A flow of an element `{"concat": [from, to, protocol, port]}`.
fn flow(element: &Value) -> Option<Flow> {
    // Elements with a counter or a time stand one level deeper.
    let element = element.get("elem").and_then(|elem| elem.get("val")).unwrap_or(element);
    let parts = element.get("concat")?.as_array()?;
    let address = |index: usize| parts.get(index)?.as_str()?.parse().ok();
    let protocol = match parts.get(2)? {
        Value::String(name) => name.clone(),
        number => number.to_string(),
    };
    let port = match parts.get(3) {
        Some(port) => Some(u16::try_from(port.as_u64()?).ok()?),
        None => None,
    };
    Some(Flow { from: address(0)?, to: address(1)?, protocol: named(protocol), port })
}

/// `--numeric` gives numbers, older versions of nft names all the same.
fn named(protocol: String) -> String {
    match protocol.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        _ => protocol,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_element_is_a_flow() {
        let wanted = Flow {
            from: Ipv4Addr::new(192, 0, 2, 5),
            to: Ipv4Addr::new(198, 51, 100, 5),
            protocol: "tcp".to_owned(),
            port: Some(25),
        };
        let concat = json!({"concat": ["192.0.2.5", "198.51.100.5", 6, 25]});
        assert_eq!(flow(&concat), Some(wanted.clone()));
        assert_eq!(flow(&json!({"elem": {"val": concat, "expires": 3}})), Some(wanted));
        assert_eq!(flow(&json!("192.0.2.5")), None);
    }
}
