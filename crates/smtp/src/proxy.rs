//! Version 2 of the PROXY protocol: a load balancer tells who its client is, before any SMTP.
//!
//! Only the source address is taken. Records after the addresses (TLVs) are skipped; a checksum
//! among them is not checked, since TCP has one already.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
const FIXED: usize = 16;
/// Longest header taken, in octets. The addresses of the longest family need 216; the rest is for
/// records that balancers add.
pub const MAX_HEADER: usize = 4_096;

/// What was read of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    /// The header is whole.
    Complete {
        /// Its octets, at most [`MAX_HEADER`]; what follows is SMTP.
        consumed: usize,
        /// The true client, or `None` where the connection is the proxy's own (a health check) or
        /// not TCP over IP: then the socket's address stands.
        source: Option<SocketAddr>,
    },
    /// More is needed.
    Incomplete {
        /// At least this many more octets; not zero. Reading exactly as many never reads into what
        /// follows the header.
        needed: usize,
    },
}

/// Why octets are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// They do not begin with the signature.
    #[error("no PROXY protocol v2 signature")]
    Signature,
    /// A version or command that version 2 does not have.
    #[error("PROXY protocol header of an unknown version or command")]
    Unknown,
    /// The header is shorter than its addresses or longer than the bound.
    #[error("PROXY protocol header of an impossible length")]
    Length,
}

/// Reads a header at the start of `input`.
pub fn decode(input: &[u8]) -> Result<Decoded, ProxyError> {
    if !input.iter().zip(SIGNATURE).all(|(got, wanted)| got == wanted) {
        return Err(ProxyError::Signature);
    }
    let Some((fixed, rest)) = input.split_first_chunk::<FIXED>() else {
        return Ok(Decoded::Incomplete { needed: FIXED - input.len() });
    };
    let [.., version_command, family, high, low] = *fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if FIXED + length > MAX_HEADER {
        return Err(ProxyError::Length);
    }
    let local = match version_command {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyError::Unknown),
    };
    let Some(addresses) = rest.get(..length) else {
        return Ok(Decoded::Incomplete { needed: length - rest.len() });
    };
    let source = match family {
        _ if local => None,
        0x11 => Some(ipv4_source(addresses).ok_or(ProxyError::Length)?),
        0x21 => Some(ipv6_source(addresses).ok_or(ProxyError::Length)?),
        _ => None,
    };
    Ok(Decoded::Complete { consumed: FIXED + length, source })
}

/// Source and destination address, source and destination port: 12 octets.
fn ipv4_source(addresses: &[u8]) -> Option<SocketAddr> {
    let (&[a, b, c, d, _, _, _, _, high, low, _, _], _) = addresses.split_first_chunk()?;
    let port = u16::from_be_bytes([high, low]);
    Some(SocketAddr::from((Ipv4Addr::new(a, b, c, d), port)))
}

/// The same for IPv6: 36 octets.
fn ipv6_source(addresses: &[u8]) -> Option<SocketAddr> {
    let (source, rest) = addresses.split_first_chunk::<16>()?;
    let (_destination, rest) = rest.split_first_chunk::<16>()?;
    let (&[high, low, _, _], _) = rest.split_first_chunk()?;
    let port = u16::from_be_bytes([high, low]);
    Some(SocketAddr::from((Ipv6Addr::from(*source), port)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(version_command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[version_command, family], &length, body].concat()
    }

    const IPV4: [u8; 12] = [192, 0, 2, 7, 198, 51, 100, 1, 0xB2, 0x6E, 0, 25];

    #[test]
    fn the_true_client_of_either_family_is_read_and_what_follows_is_left() {
        let mut input = header(0x21, 0x11, &IPV4);
        input.extend_from_slice(b"EHLO a\r\n");
        assert_eq!(
            decode(&input),
            Ok(Decoded::Complete {
                consumed: 28,
                source: Some("192.0.2.7:45678".parse().unwrap())
            })
        );
        let mut body = [0; 36 + 5];
        body[..2].copy_from_slice(&[0x20, 0x01]);
        body[15] = 1;
        body[33] = 25;
        assert_eq!(
            decode(&header(0x21, 0x21, &body)),
            Ok(Decoded::Complete { consumed: 57, source: Some("[2001::1]:25".parse().unwrap()) })
        );
    }

    #[test]
    fn a_proxy_that_speaks_for_itself_or_for_no_ip_client_names_none() {
        for input in [
            header(0x20, 0, &[]),
            header(0x20, 0x11, &IPV4),
            header(0x21, 0, &[1; 9]),
            header(0x21, 0x31, &[1; 216]),
        ] {
            assert_eq!(
                decode(&input),
                Ok(Decoded::Complete { consumed: input.len(), source: None })
            );
        }
    }

    #[test]
    fn what_is_no_header_is_refused_at_its_first_wrong_octet() {
        assert_eq!(decode(b"EHLO a\r\n"), Err(ProxyError::Signature));
        assert_eq!(decode(b"\r\n\r\n\0\r\nQUIX"), Err(ProxyError::Signature));
        assert_eq!(
            decode(b"PROXY TCP4 192.0.2.7 198.51.100.1 1 25\r\n"),
            Err(ProxyError::Signature)
        );
        assert_eq!(decode(&header(0x11, 0x11, &IPV4)), Err(ProxyError::Unknown));
        assert_eq!(decode(&header(0x22, 0x11, &IPV4)), Err(ProxyError::Unknown));
        assert_eq!(decode(&header(0x21, 0x11, &IPV4[..11])), Err(ProxyError::Length));
        assert_eq!(decode(&header(0x21, 0x21, &[0; 35])), Err(ProxyError::Length));
    }

    #[test]
    fn a_header_over_the_bound_is_refused_before_its_octets_are_waited_for() {
        let fits = header(0x21, 0, &vec![0; MAX_HEADER - FIXED]);
        assert!(matches!(decode(&fits), Ok(Decoded::Complete { consumed: MAX_HEADER, .. })));
        let over = header(0x21, 0, &vec![0; MAX_HEADER - FIXED + 1]);
        assert_eq!(decode(&over[..FIXED]), Err(ProxyError::Length));
    }

    proptest! {
        #[test]
        fn reading_as_many_octets_as_are_needed_ends_at_the_header_s_end(body in prop::collection::vec(any::<u8>(), 12..60)) {
            let whole = header(0x21, 0x11, &body);
            let mut have = 0;
            loop {
                match decode(&whole[..have]).unwrap() {
                    Decoded::Incomplete { needed } => {
                        prop_assert!(needed > 0);
                        have += needed;
                    }
                    Decoded::Complete { consumed, .. } => {
                        prop_assert_eq!((consumed, have), (whole.len(), whole.len()));
                        break;
                    }
                }
            }
        }

        #[test]
        fn any_octets_are_a_header_or_not(octets in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&octets);
            let _ = decode(&[&SIGNATURE[..], &octets].concat());
        }
    }
}
