//! The separated networks of a municipality, and which of them an address is in.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A network segment of the policy (sections 2(8) to 2(10)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Segment {
    /// インターネット接続系: where mail comes from and where originals stay.
    Internet,
    /// LGWAN接続系: where text goes.
    Lgwan,
    /// マイナンバー利用事務系: which nothing may reach.
    Mynumber,
}

impl Segment {
    /// The name in the configuration and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Lgwan => "lgwan",
            Self::Mynumber => "mynumber",
        }
    }
}

/// Which networks belong to which segment. Empty lists say nothing and forbid nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentMap {
    /// Networks of the Internet segment.
    pub internet: Vec<IpNet>,
    /// Networks of the LGWAN segment.
    pub lgwan: Vec<IpNet>,
    /// Networks of the My Number segment.
    pub mynumber: Vec<IpNet>,
}

impl SegmentMap {
    /// The segment that an address is in, if it is in one. The My Number segment is asked first, so
    /// that an address listed twice is treated as the one that nothing may reach.
    pub fn segment_of(&self, address: IpAddr) -> Option<Segment> {
        let canonical = address.to_canonical();
        let within = |networks: &[IpNet]| networks.iter().any(|n| n.contains(&canonical));
        if within(&self.mynumber) {
            Some(Segment::Mynumber)
        } else if within(&self.lgwan) {
            Some(Segment::Lgwan)
        } else if within(&self.internet) {
            Some(Segment::Internet)
        } else {
            None
        }
    }

    /// Whether an address has to be in one of the segments: when both sides of the barrier are
    /// listed, all are but those of the machine itself.
    pub fn must_list(&self, address: IpAddr) -> bool {
        let is_complete = !self.internet.is_empty() && !self.lgwan.is_empty();
        is_complete && !address.to_canonical().is_loopback()
    }

    /// Two networks of different segments that share addresses.
    pub fn overlap(&self) -> Option<(IpNet, IpNet)> {
        let pairs = [
            (&self.internet, &self.lgwan),
            (&self.internet, &self.mynumber),
            (&self.lgwan, &self.mynumber),
        ];
        pairs.into_iter().find_map(|(ones, others)| {
            ones.iter().find_map(|one| {
                let shares = |other: &&IpNet| one.contains(*other) || other.contains(one);
                others.iter().find(shares).map(|other| (*one, *other))
            })
        })
    }

    /// Whether any address of `network` is in the My Number segment.
    pub fn touches_mynumber(&self, network: &IpNet) -> bool {
        self.mynumber.iter().any(|n| n.contains(network) || network.contains(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_listed_twice_is_in_the_segment_nothing_may_reach() {
        let net: IpNet = "10.1.0.0/16".parse().unwrap();
        let map = SegmentMap { internet: vec![net], lgwan: vec![net], mynumber: vec![net] };
        assert_eq!(map.segment_of("10.1.2.3".parse().unwrap()), Some(Segment::Mynumber));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_the_same_address() {
        let map =
            SegmentMap { mynumber: vec!["10.9.0.0/16".parse().unwrap()], ..SegmentMap::default() };
        assert_eq!(map.segment_of("::ffff:10.9.1.1".parse().unwrap()), Some(Segment::Mynumber));
        assert_eq!(map.segment_of("10.8.1.1".parse().unwrap()), None);
    }

    #[test]
    fn every_address_must_be_listed_once_both_sides_are() {
        let internet = vec!["10.1.0.0/16".parse().unwrap()];
        let lgwan = vec!["10.2.0.0/16".parse().unwrap()];
        let elsewhere = "192.0.2.1".parse().unwrap();
        let half = SegmentMap { internet, ..SegmentMap::default() };
        assert!(!half.must_list(elsewhere));
        let whole = SegmentMap { lgwan, ..half };
        assert!(whole.must_list(elsewhere));
        assert!(!whole.must_list("127.0.0.1".parse().unwrap()));
        assert!(!whole.must_list("::ffff:127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn networks_of_two_segments_that_share_addresses_are_found() {
        let net = |text: &str| text.parse::<IpNet>().unwrap();
        let map = |lgwan: &str| SegmentMap {
            internet: vec![net("10.1.0.0/16")],
            lgwan: vec![net(lgwan)],
            mynumber: vec![net("10.3.0.0/16")],
        };
        assert_eq!(map("10.2.0.0/16").overlap(), None);
        assert_eq!(map("10.1.2.0/24").overlap(), Some((net("10.1.0.0/16"), net("10.1.2.0/24"))));
        assert_eq!(map("10.0.0.0/8").overlap(), Some((net("10.1.0.0/16"), net("10.0.0.0/8"))));
    }

    #[test]
    fn a_network_around_the_my_number_segment_touches_it() {
        let map =
            SegmentMap { mynumber: vec!["10.9.0.0/16".parse().unwrap()], ..SegmentMap::default() };
        assert!(map.touches_mynumber(&"10.0.0.0/8".parse().unwrap()));
        assert!(map.touches_mynumber(&"10.9.3.0/24".parse().unwrap()));
        assert!(!map.touches_mynumber(&"10.10.0.0/16".parse().unwrap()));
    }
}
