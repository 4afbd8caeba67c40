//! Packets of every kind, made by hand, so that no client's caution decides what is tried.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Protocol, RawProtocol, SendFlags, SocketType, sendto, socket};

const ICMP: u8 = 1;
const ICMPV6: u8 = 58;
const TCP: u8 = 6;
const UDP: u8 = 17;
/// A raw socket of this protocol cannot be had (raw(7)): it is for packets with a header of one's own.
const RAW: u8 = 255;

/// What the probes say where there is room.
const PAYLOAD: &[u8] = b"sekimori lab";

/// After so many packets there is a pause: the kernel drops what a machine cannot take in time
/// (`netdev_max_backlog`, 1,000 by default), and a packet lost on the way shows nothing.
const BURST: u64 = 256;
const PAUSE: Duration = Duration::from_micros(500);

/// What became of the packets of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// Those that the sender's own rules let out.
    pub(crate) sent: u64,
    /// Those that the sender's own rules, or the want of a route, kept in.
    pub(crate) kept: u64,
}

/// From within a namespace, sends the beginning of a TCP connection to each port of an address, a
/// datagram of UDP to each port, and a packet of each other protocol of IP.
///
/// Both are of the same IP; the port of `to` is not looked at, a scope (RFC 4007) is.
pub(crate) fn sweep(from: IpAddr, to: SocketAddr) -> Result<Sweep> {
    let family = match to {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    // The port of an address is the protocol for a raw socket, or 0 (raw(7), ipv6(7)).
    let mut to = to;
    to.set_port(0);
    let mut sweep = Sweep::default();
    let tcp = raw(family, TCP)?;
    let udp = raw(family, UDP)?;
    for port in 1..=u16::MAX {
        sweep.count(send(&tcp, &to, &syn(from, to.ip(), port)))?;
        sweep.count(send(&udp, &to, &datagram(from, to.ip(), port)))?;
    }
    for protocol in (1..RAW).filter(|protocol| ![TCP, UDP].contains(protocol)) {
        let payload = match protocol {
            ICMP if from.is_ipv4() => echo_request(8),
            // The kernel puts the checksum in (RFC 3542 section 3.1).
            ICMPV6 if from.is_ipv6() => echo_request(128),
            _ => PAYLOAD.to_vec(),
        };
        sweep.count(send(&raw(family, protocol)?, &to, &payload))?;
    }
    Ok(sweep)
}

impl Sweep {
    fn count(&mut self, sent: std::result::Result<(), Errno>) -> Result<()> {
        match sent {
            Ok(()) => {
                self.sent += 1;
                if self.sent.is_multiple_of(BURST) {
                    thread::sleep(PAUSE);
                }
            }
            // EPERM is what a rule of the sender's machine says.
            Err(Errno::PERM | Errno::NETUNREACH | Errno::HOSTUNREACH) => self.kept += 1,
            Err(error) if std::io::Error::from(error).kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("sending a packet"),
        }
        Ok(())
    }
}

fn raw(family: AddressFamily, protocol: u8) -> Result<OwnedFd> {
    let number = RawProtocol::new(u32::from(protocol)).context("protocol 0")?;
    let protocol = Some(Protocol::from_raw(number));
    socket(family, SocketType::RAW, protocol).context("opening a raw socket (raw(7))")
}

fn send(socket: &OwnedFd, to: &SocketAddr, packet: &[u8]) -> std::result::Result<(), Errno> {
    sendto(socket, packet, SendFlags::empty(), to).map(|_| ())
}

/// Where probes say they come from.
const SOURCE_PORT: u16 = 40_000;

/// A TCP header with SYN (RFC 9293 section 3.1).
fn syn(from: IpAddr, to: IpAddr, port: u16) -> Vec<u8> {
    let mut header = Vec::with_capacity(20);
    header.extend(SOURCE_PORT.to_be_bytes());
    header.extend(port.to_be_bytes());
    header.extend([0, 0, 0, 1]);
    header.extend([0, 0, 0, 0]);
    // Five words of header; SYN; a window of 1,024.
    header.extend([0x50, 0x02, 0x04, 0x00]);
    header.extend([0, 0, 0, 0]);
    with_checksum(header, 16, from, to, TCP)
}

/// A UDP header and the payload (RFC 768).
fn datagram(from: IpAddr, to: IpAddr, port: u16) -> Vec<u8> {
    let length = u16::try_from(8 + PAYLOAD.len()).unwrap_or(u16::MAX);
    let mut datagram = Vec::with_capacity(usize::from(length));
    for word in [SOURCE_PORT, port, length, 0] {
        datagram.extend(word.to_be_bytes());
    }
    datagram.extend(PAYLOAD);
    with_checksum(datagram, 6, from, to, UDP)
}

/// A segment with its checksum at `place`, over it and the pseudo header of its IP (RFC 9293
/// section 3.1, RFC 8200 section 8.1). Lengths here fit one octet, so both pseudo headers sum alike.
fn with_checksum(
    mut segment: Vec<u8>,
    place: usize,
    from: IpAddr,
    to: IpAddr,
    protocol: u8,
) -> Vec<u8> {
    let mut whole = [octets(from), octets(to)].concat();
    let length = u16::try_from(segment.len()).unwrap_or(u16::MAX);
    whole.extend([0, protocol]);
    whole.extend(length.to_be_bytes());
    whole.extend(&segment);
    let sum = checksum(&whole).to_be_bytes();
    if let Some(place) = segment.get_mut(place..).and_then(|rest| rest.first_chunk_mut()) {
        *place = sum;
    }
    segment
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// An echo request (RFC 792, RFC 4443 section 4.1).
fn echo_request(kind: u8) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0, 0, 1, 0, 1];
    let sum = checksum(&message).to_be_bytes();
    if let Some(place) = message.get_mut(2..4) {
        place.copy_from_slice(&sum);
    }
    message
}

/// The Internet checksum (RFC 1071).
fn checksum(octets: &[u8]) -> u16 {
    let word = |pair: &[u8]| {
        let high = pair.first().copied().unwrap_or(0);
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([high, low]))
    };
    let mut sum: u32 = octets.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 5));
    const TO: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 5));

    #[test]
    fn the_checksum_is_that_of_rfc_1071() {
        // The example of its section 3: the sum is ddf2.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(checksum(&echo_request(8)), 0);
    }

    #[test]
    fn a_packet_with_its_checksum_sums_to_nothing() {
        for (packet, protocol) in [(syn(FROM, TO, 25), TCP), (datagram(FROM, TO, 514), UDP)] {
            let mut whole = [octets(FROM), octets(TO)].concat();
            whole.extend([0, protocol, 0, u8::try_from(packet.len()).unwrap()]);
            whole.extend(&packet);
            assert_eq!(checksum(&whole), 0);
        }
    }

    #[test]
    fn a_datagram_says_its_port_and_length() {
        let datagram = datagram(FROM, TO, 514);
        assert_eq!(datagram.get(2..4), Some(&514u16.to_be_bytes()[..]));
        assert_eq!(datagram.get(4..6), Some(&[0, 20][..]));
        assert_eq!(datagram.len(), 20);
    }
}
