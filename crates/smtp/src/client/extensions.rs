//! What a server offers in its reply to EHLO.

use crate::status;

/// The extensions of a server that a transaction uses.
#[expect(clippy::struct_excessive_bools, reason = "each extension is offered or not by itself")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeerExtensions {
    /// PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// SIZE (RFC 1870).
    pub size: bool,
    /// The largest message in octets that SIZE declares; `None` where it declares none.
    pub max_size: Option<u64>,
    /// 8BITMIME (RFC 6152).
    pub eight_bit_mime: bool,
    /// SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
    /// XSTATUS ([`crate::status`]): the server is a gate.
    pub status: bool,
}

impl PeerExtensions {
    /// Reads the lines of a 250 reply to EHLO, without their codes. The first is the server's
    /// greeting and says nothing. A size of 0, or one that is no number, declares no bound (RFC
    /// 1870 section 4).
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut offered = Self::default();
        for line in lines.into_iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let Some(keyword) = words.next() else {
                continue;
            };
            match keyword.to_ascii_uppercase().as_str() {
                "PIPELINING" => offered.pipelining = true,
                "SIZE" => {
                    offered.size = true;
                    offered.max_size = words.next().and_then(|n| n.parse().ok()).filter(|&n| n > 0);
                }
                "8BITMIME" => offered.eight_bit_mime = true,
                "SMTPUTF8" => offered.smtputf8 = true,
                "STARTTLS" => offered.starttls = true,
                status::KEYWORD => offered.status = true,
                _ => {}
            }
        }
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc5321_4_1_1_1_keywords_are_read_in_any_case_and_the_greeting_is_none() {
        let offered = PeerExtensions::parse([
            "PIPELINING greets you",
            "size 35882577",
            "8BITMIME",
            "SmtpUtf8",
            "STARTTLS",
            "DSN",
            "",
        ]);
        assert_eq!(
            offered,
            PeerExtensions {
                pipelining: false,
                size: true,
                max_size: Some(35_882_577),
                eight_bit_mime: true,
                smtputf8: true,
                starttls: true,
                status: false,
            }
        );
    }

    #[test]
    fn rfc1870_a_size_of_zero_or_none_declares_no_bound() {
        for line in ["SIZE", "SIZE 0", "SIZE many", "SIZE 99999999999999999999999"] {
            let offered = PeerExtensions::parse(["mx", line]);
            assert_eq!((offered.size, offered.max_size), (true, None), "{line}");
        }
    }
}
