//! What goes over a worker's socket: two lengths, a JSON object, and octets.

use std::io::{self, Read, Write};

/// Longest JSON object, in octets: some 50,000 removed parts.
const MAX_OBJECT: usize = 64 * 1024 * 1024;
/// Most octets beside it: more than any configuration takes of a message.
const MAX_OCTETS: usize = 1024 * 1024 * 1024;

/// Writes a frame.
pub(super) fn write(out: &mut impl Write, object: &[u8], octets: &[u8]) -> io::Result<()> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "too long for a frame");
    let length = |octets: &[u8], most: usize| {
        u32::try_from(octets.len()).ok().filter(|_| octets.len() <= most).ok_or_else(too_long)
    };
    let lengths = [length(object, MAX_OBJECT)?, length(octets, MAX_OCTETS)?];
    let mut head = Vec::with_capacity(object.len().saturating_add(8));
    for length in lengths {
        head.extend(length.to_be_bytes());
    }
    head.extend_from_slice(object);
    out.write_all(&head)?;
    out.write_all(octets)?;
    out.flush()
}

/// Reads a frame. `None` where none begins any more.
pub(super) fn read(input: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut lengths = [0; 8];
    let (first, rest) = lengths.split_at_mut(1);
    if input.read(first)? == 0 {
        return Ok(None);
    }
    input.read_exact(rest)?;
    let lengths = u64::from_be_bytes(lengths);
    let object = take(input, lengths >> 32, MAX_OBJECT)?;
    let octets = take(input, lengths & u64::from(u32::MAX), MAX_OCTETS)?;
    Ok(Some((object, octets)))
}

fn take(input: &mut impl Read, length: u64, most: usize) -> io::Result<Vec<u8>> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "a frame that is too long");
    let length = usize::try_from(length).ok().filter(|&length| length <= most);
    let length = length.ok_or_else(too_long)?;
    // Not all at once: whoever announces much has to send it.
    let mut octets = Vec::with_capacity(length.min(64 * 1024));
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    input.by_ref().take(wanted).read_to_end(&mut octets)?;
    if octets.len() == length { Ok(octets) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back_and_then_there_is_none() {
        let mut wire = Vec::new();
        write(&mut wire, b"{}", b"octets").unwrap();
        let mut input = wire.as_slice();
        assert_eq!(read(&mut input).unwrap(), Some((b"{}".to_vec(), b"octets".to_vec())));
        assert_eq!(read(&mut input).unwrap(), None);
    }

    #[test]
    fn a_frame_over_its_bound_or_cut_short_is_refused() {
        let mut over = u32::try_from(MAX_OBJECT + 1).unwrap().to_be_bytes().to_vec();
        over.extend([0, 0, 0, 0]);
        assert_eq!(read(&mut over.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut wire = Vec::new();
        write(&mut wire, b"{}", b"octets").unwrap();
        for length in 1..wire.len() {
            let error = read(&mut &wire[..length]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{length}");
        }
    }
}
