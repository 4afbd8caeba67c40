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
    fn a_network_around_the_my_number_segment_touches_it() {
        let map =
            SegmentMap { mynumber: vec!["10.9.0.0/16".parse().unwrap()], ..SegmentMap::default() };
        assert!(map.touches_mynumber(&"10.0.0.0/8".parse().unwrap()));
        assert!(map.touches_mynumber(&"10.9.3.0/24".parse().unwrap()));
        assert!(!map.touches_mynumber(&"10.10.0.0/16".parse().unwrap()));
    }
}
