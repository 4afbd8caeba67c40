//! The network of the lab: five machines in three segments, cabled so that only rules keep them apart.
//!
//! ```text
//!   internet 192.0.2.10 ── 192.0.2.5 internet-half ── 198.51.100.5 gate ── 198.51.100.25 lgwan
//!                                     │                     │
//!                                     └──── 203.0.113.9 ────┘
//!                                            mynumber
//! ```
//!
//! Each machine has a route to each address, each half forwards packets, and the My Number segment is
//! plugged into both halves, as if by mistake. What is closed is closed by the halves' own rules of
//! nftables, which are those that `sekimori config show --paths` prints.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::namespace::{Namespace, call};

/// A machine of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Machine {
    /// The mail server of the Internet segment.
    Internet,
    /// sekimori's Internet half.
    InternetHalf,
    /// sekimori's gate.
    Gate,
    /// The mail server of the LGWAN segment.
    Lgwan,
    /// A machine of the My Number segment.
    MyNumber,
}

impl Machine {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Internet, Self::InternetHalf, Self::Gate, Self::Lgwan, Self::MyNumber];

    /// Its address, of those for documentation (RFC 5737).
    pub(crate) fn address(self) -> Ipv4Addr {
        match self {
            Self::Internet => Ipv4Addr::new(192, 0, 2, 10),
            Self::InternetHalf => Ipv4Addr::new(192, 0, 2, 5),
            Self::Gate => Ipv4Addr::new(198, 51, 100, 5),
            Self::Lgwan => Ipv4Addr::new(198, 51, 100, 25),
            Self::MyNumber => Ipv4Addr::new(203, 0, 113, 9),
        }
    }

    /// Its name in what the lab prints, and in the name of its namespace.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::InternetHalf => "internet-half",
            Self::Gate => "gate",
            Self::Lgwan => "lgwan",
            Self::MyNumber => "mynumber",
        }
    }

    /// Whether sekimori runs on it, behind its own rules.
    pub(crate) fn is_half(self) -> bool {
        matches!(self, Self::InternetHalf | Self::Gate)
    }
}

/// The cables, each with the machines at its ends.
const CABLES: [(Machine, Machine); 5] = [
    (Machine::Internet, Machine::InternetHalf),
    (Machine::InternetHalf, Machine::Gate),
    (Machine::Gate, Machine::Lgwan),
    (Machine::MyNumber, Machine::InternetHalf),
    (Machine::MyNumber, Machine::Gate),
];

/// An end of a cable.
#[derive(Debug)]
struct Interface {
    number: u32,
    /// Its link-local address.
    address: Ipv6Addr,
}

/// The machines, cabled.
#[derive(Debug)]
pub(crate) struct Network {
    machines: Vec<(Machine, Namespace)>,
}

impl Network {
    /// Builds it.
    pub(crate) fn build() -> Result<Self> {
        let machines = Machine::ALL
            .into_iter()
            .map(|machine| {
                let namespace = Namespace::new(machine.as_str())?;
                // A link-local address is there at once instead of a second later.
                namespace.switch("ipv6/conf/default/accept_dad", "0")?;
                Ok((machine, namespace))
            })
            .collect::<Result<_>>()?;
        let network = Self { machines };
        for (one, other) in CABLES {
            network.lay_cable(one, other)?;
        }
        for machine in Machine::ALL {
            network.prepare(machine)?;
        }
        Ok(network)
    }

    /// The namespace of a machine.
    pub(crate) fn of(&self, machine: Machine) -> &Namespace {
        let found = self.machines.iter().find(|(known, _)| *known == machine);
        // `build` makes one for each machine there is.
        found.map_or_else(|| unreachable!("{machine:?} is in the lab"), |(_, namespace)| namespace)
    }

    /// Lays a cable; at each end the interface has the name of the machine at the other.
    fn lay_cable(&self, one: Machine, other: Machine) -> Result<()> {
        let (here, there) = (self.of(one).name(), self.of(other).name());
        call(
            "ip",
            &[
                "link",
                "add",
                "name",
                other.as_str(),
                "netns",
                here,
                "type",
                "veth",
                "peer",
                "name",
                one.as_str(),
                "netns",
                there,
            ],
        )?;
        for (machine, far) in [(one, other), (other, one)] {
            let own = format!("{}/32", machine.address());
            let far_address = far.address().to_string();
            let namespace = self.of(machine);
            let interface = far.as_str();
            namespace.call("ip", &["address", "add", &own, "dev", interface])?;
            namespace.call("ip", &["link", "set", interface, "up"])?;
            namespace.call("ip", &["route", "add", &far_address, "dev", interface])?;
        }
        Ok(())
    }

    /// Who has a cable to whom, in both directions.
    pub(crate) fn neighbours() -> impl Iterator<Item = (Machine, Machine)> {
        CABLES.into_iter().flat_map(|(one, other)| [(one, other), (other, one)])
    }

    /// The link-local addresses of both ends of the cable from one machine to another, the second as
    /// the first would send to it.
    pub(crate) fn link_local(&self, from: Machine, to: Machine) -> Result<(Ipv6Addr, SocketAddr)> {
        let own = self.interface(from, to)?;
        let far = self.interface(to, from)?;
        Ok((own.address, SocketAddrV6::new(far.address, 0, 0, own.number).into()))
    }

    fn interface(&self, at: Machine, toward: Machine) -> Result<Interface> {
        let arguments = ["-json", "-6", "address", "show", "dev", toward.as_str()];
        let text = self.of(at).call("ip", &arguments)?;
        let shown: Value = serde_json::from_str(&text)?;
        let read = || {
            let interface = shown.as_array()?.first()?;
            let addresses = interface.get("addr_info")?.as_array()?;
            let local = addresses.iter().find(|a| a.get("scope").is_some_and(|s| s == "link"))?;
            Some(Interface {
                number: u32::try_from(interface.get("ifindex")?.as_u64()?).ok()?,
                address: local.get("local")?.as_str()?.parse().ok()?,
            })
        };
        read().with_context(|| format!("no link-local address at {}: {text}", at.as_str()))
    }

    /// The machine to which one sends what is for another.
    pub(crate) fn next_machine(from: Machine, to: Machine) -> Machine {
        match (from, to) {
            _ if CABLES.contains(&(from, to)) || CABLES.contains(&(to, from)) => to,
            (Machine::Internet, _) | (Machine::Gate | Machine::MyNumber, Machine::Internet) => {
                Machine::InternetHalf
            }
            _ => Machine::Gate,
        }
    }

    /// Gives a machine routes to all that it has no cable to, and lets the halves forward.
    fn prepare(&self, machine: Machine) -> Result<()> {
        let namespace = self.of(machine);
        for far in Machine::ALL.into_iter().filter(|far| *far != machine) {
            let via = Self::next_machine(machine, far);
            if via == far {
                continue;
            }
            let [to, through] = [far, via].map(|m| m.address().to_string());
            namespace.call(
                "ip",
                &["route", "add", &to, "via", &through, "dev", via.as_str(), "onlink"],
            )?;
        }
        if machine.is_half() {
            namespace.switch("ipv4/ip_forward", "1")?;
        }
        Ok(())
    }
}
