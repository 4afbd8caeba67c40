//! One command line, read (RFC 5321 section 4.1.1, RFC 3030 section 2, RFC 3207 section 4).

use crate::path::{self, BracketedPath};

/// Longest argument of EHLO and HELO in octets (a domain, RFC 5321 section 4.5.3.1.2).
pub(crate) const MAX_HELO: usize = 255;

/// A command with its arguments, as far as they can be read without knowing the session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Ehlo(&'a str),
    Helo(&'a str),
    Mail(BracketedPath<'a>),
    Rcpt(BracketedPath<'a>),
    Data,
    Bdat(Chunk),
    Rset,
    Noop,
    Help,
    Vrfy,
    Quit,
    StartTls,
    Xforward(&'a str),
    Xstatus(&'a str),
    /// A command that exists elsewhere and is not offered here.
    NotOffered,
    /// What a client of another protocol says (a browser made to speak to port 25).
    OtherProtocol,
}

/// The announcement of a BDAT command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Octets that follow the command line.
    pub(crate) octets: u64,
    /// Whether the message ends with them.
    pub(crate) last: bool,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// Not UTF-8, or a control character (NUL, bare CR, TAB) in it.
    Octets,
    /// No verb that is known.
    Unrecognised,
    /// A known verb with arguments that it does not have; holds how it is spelled.
    Arguments(&'static str),
    /// BDAT with a size that cannot be read: where the next command begins is unknown.
    ChunkSize,
}

/// Reads a command line without its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<Command<'_>, CommandError> {
    let text = str::from_utf8(line)
        .ok()
        .filter(|text| !text.bytes().any(|octet| octet.is_ascii_control()))
        .ok_or(if announces_chunk(line) {
            CommandError::ChunkSize
        } else {
            CommandError::Octets
        })?;
    let (verb, argument) = text.split_once(' ').unwrap_or((text, ""));
    let argument = argument.trim_matches(' ');
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => client_name(argument, "EHLO hostname").map(Command::Ehlo),
        "HELO" => client_name(argument, "HELO hostname").map(Command::Helo),
        "MAIL" => path_after(argument, "FROM:", "MAIL FROM:<address>").map(Command::Mail),
        "RCPT" => path_after(argument, "TO:", "RCPT TO:<address>").map(Command::Rcpt),
        "DATA" => without_argument(argument, Command::Data, "DATA"),
        "BDAT" => chunk(argument).map(Command::Bdat),
        "RSET" => without_argument(argument, Command::Rset, "RSET"),
        "NOOP" => Ok(Command::Noop),
        "HELP" => Ok(Command::Help),
        "VRFY" if argument.is_empty() => Err(CommandError::Arguments("VRFY address")),
        "VRFY" => Ok(Command::Vrfy),
        "QUIT" => without_argument(argument, Command::Quit, "QUIT"),
        "STARTTLS" => without_argument(argument, Command::StartTls, "STARTTLS"),
        "XFORWARD" => Ok(Command::Xforward(argument)),
        "XSTATUS" => Ok(Command::Xstatus(argument)),
        "EXPN" | "ETRN" | "TURN" | "ATRN" | "AUTH" | "SEND" | "SOML" | "SAML" | "XCLIENT"
        | "BURL" => Ok(Command::NotOffered),
        "GET" | "POST" | "PUT" | "HEAD" | "CONNECT" | "OPTIONS" => Ok(Command::OtherProtocol),
        _ => Err(CommandError::Unrecognised),
    }
}

/// Whether a line, spoilt as it may be, begins as a BDAT does: the client may go on with octets
/// that are not commands.
pub(crate) fn announces_chunk(line: &[u8]) -> bool {
    line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"BDAT"))
}

fn without_argument<'a>(
    argument: &str,
    command: Command<'a>,
    usage: &'static str,
) -> Result<Command<'a>, CommandError> {
    if argument.is_empty() { Ok(command) } else { Err(CommandError::Arguments(usage)) }
}

fn client_name<'a>(argument: &'a str, usage: &'static str) -> Result<&'a str, CommandError> {
    let named = !argument.is_empty()
        && argument.len() <= MAX_HELO
        && argument.bytes().all(|b| b.is_ascii_graphic());
    if named { Ok(argument) } else { Err(CommandError::Arguments(usage)) }
}

fn path_after<'a>(
    argument: &'a str,
    keyword: &str,
    usage: &'static str,
) -> Result<BracketedPath<'a>, CommandError> {
    let (head, rest) =
        argument.split_at_checked(keyword.len()).ok_or(CommandError::Arguments(usage))?;
    if !head.eq_ignore_ascii_case(keyword) {
        return Err(CommandError::Arguments(usage));
    }
    // Spaces after the colon are not in the grammar, yet common and harmless.
    path::bracketed(rest.trim_start_matches(' ')).ok_or(CommandError::Arguments(usage))
}

fn chunk(argument: &str) -> Result<Chunk, CommandError> {
    let (size, last) = match argument.split_once(' ') {
        None => (argument, false),
        Some((size, end)) if end.trim_matches(' ').eq_ignore_ascii_case("LAST") => (size, true),
        Some(_) => return Err(CommandError::ChunkSize),
    };
    if size.is_empty() || !size.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CommandError::ChunkSize);
    }
    let octets = size.parse().map_err(|_| CommandError::ChunkSize)?;
    Ok(Chunk { octets, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc5321_2_4_verbs_are_read_in_any_case_and_trailing_space_is_borne() {
        assert_eq!(parse(b"qUiT  "), Ok(Command::Quit));
        assert_eq!(parse(b"ehlo mx.example.jp "), Ok(Command::Ehlo("mx.example.jp")));
        assert_eq!(parse(b"NOOP anything at all"), Ok(Command::Noop));
    }

    #[test]
    fn rfc3030_chunk_sizes_are_digits_and_nothing_else() {
        let chunk = |octets, last| Ok(Command::Bdat(Chunk { octets, last }));
        assert_eq!(parse(b"BDAT 0"), chunk(0, false));
        assert_eq!(parse(b"bdat 86 last"), chunk(86, true));
        assert_eq!(parse(b"BDAT 18446744073709551615"), chunk(u64::MAX, false));
        for line in [
            "BDAT",
            "BDAT ",
            "BDAT -1",
            "BDAT +1",
            "BDAT 1e3",
            "BDAT 0x10",
            "BDAT LAST",
            "BDAT 1 LAST LAST",
            "BDAT 1 FIRST",
            "BDAT 18446744073709551616",
            "BDAT 99999999999999999999999999999",
            "BDAT 1\t",
            "BDAT 1\0",
        ] {
            assert_eq!(parse(line.as_bytes()), Err(CommandError::ChunkSize), "{line:?}");
        }
    }

    #[test]
    fn controls_and_octets_that_are_no_utf8_are_refused() {
        for line in
            [&b"NOOP\0"[..], b"NO\rOP", b"MAIL FROM:<a\x7f@b>", b"NOOP \xff", b"NOOP \x82\xa0"]
        {
            assert_eq!(parse(line), Err(CommandError::Octets), "{line:?}");
        }
        assert_eq!(parse(b"bdat 1 \xff"), Err(CommandError::ChunkSize));
    }

    #[test]
    fn what_is_no_command_says_how_it_is_spelled_or_is_not_known() {
        for line in [
            "EHLO",
            "EHLO a b",
            "EHLO 関守",
            "MAIL",
            "MAIL TO:<a@b>",
            "MAIL FROM:a@b",
            "MAIL FROM:<a@b",
            "RCPT TO:",
            "DATA now",
            "STARTTLS now",
            "RSET all",
            "VRFY",
        ] {
            assert!(matches!(parse(line.as_bytes()), Err(CommandError::Arguments(_))), "{line:?}");
        }
        for line in ["", " ", "FOO", " NOOP", "NOOPS", "関", ".", "DATAS"] {
            assert_eq!(parse(line.as_bytes()), Err(CommandError::Unrecognised), "{line:?}");
        }
        let long = format!("EHLO {}", "a".repeat(MAX_HELO + 1));
        assert!(matches!(parse(long.as_bytes()), Err(CommandError::Arguments(_))));
    }
}
