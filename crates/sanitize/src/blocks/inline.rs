//! Encoded data inside a line: `data:` URIs (RFC 2397) and long runs of base64 symbols.

use std::ops::Range;

use super::dense::{Mixture, is_symbol};
use super::{Block, decode};

/// Longest media type and parameters of a `data:` URI that are looked at, in octets.
const URI_HEAD: usize = 200;
/// Shortest run of symbols that is looked at.
const RUN: usize = 240;

/// Writes `line` to `out` with its encoded data replaced. Tells whether there was some.
pub(super) fn cut(
    line: &str,
    out: &mut String,
    stand_in: &mut impl FnMut(Block) -> String,
) -> bool {
    let mut copied = 0;
    while let Some((range, block)) = next(line, copied) {
        out.push_str(line.get(copied..range.start).unwrap_or_default());
        out.push_str(&stand_in(block));
        copied = range.end;
    }
    out.push_str(line.get(copied..).unwrap_or_default());
    copied > 0
}

fn next(line: &str, from: usize) -> Option<(Range<usize>, Block)> {
    let rest = line.get(from..)?;
    let uri = data_uri(rest);
    let before = uri.as_ref().map_or(rest.len(), |(range, _)| range.start);
    let found = long_run(rest.get(..before).unwrap_or_default()).or(uri);
    found.map(|(range, block)| (from + range.start..from + range.end, block))
}

fn data_uri(text: &str) -> Option<(Range<usize>, Block)> {
    for (colon, _) in text.match_indices(':') {
        let scheme = colon.checked_sub(4).and_then(|start| text.get(start..colon));
        if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("data")) {
            continue;
        }
        let after = text.get(colon + 1..).unwrap_or_default();
        let head = after.bytes().take(URI_HEAD).take_while(|&b| is_uri(b) && b != b',').count();
        let (Some(head), Some(",")) = (after.get(..head), after.get(head..=head)) else { continue };
        let is_base64 = head.to_ascii_lowercase().ends_with(";base64");
        if !(head.is_empty() || head.contains('/') || head.starts_with(';')) {
            continue;
        }
        let data = after.get(head.len() + 1..).unwrap_or_default();
        let length = data.bytes().take_while(|&b| is_uri(b)).count();
        let data = data.get(..length).filter(|data| !data.is_empty());
        let Some(data) = data else { continue };
        let octets = if is_base64 { decode::base64(data) } else { data.as_bytes().to_vec() };
        let end = colon + 1 + head.len() + 1 + length;
        return Some((
            colon - 4..end,
            Block { name: None, form: "application/x-data-uri", octets },
        ));
    }
    None
}

fn is_uri(b: u8) -> bool {
    b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}')
}

fn long_run(text: &str) -> Option<(Range<usize>, Block)> {
    if text.len() < RUN {
        return None;
    }
    let mut start = 0;
    for run in text.as_bytes().split(|&b| !is_symbol(b)) {
        let end = start + run.len();
        if run.len() >= RUN {
            let symbols = text.get(start..end).unwrap_or_default();
            let mut mixture = Mixture::default();
            mixture.add(symbols);
            if mixture.is_encoded() {
                let octets = decode::base64(symbols);
                return Some((
                    start..end,
                    Block { name: None, form: "application/x-base64", octets },
                ));
            }
        }
        start = end + 1;
    }
    None
}
