//! Data in pieces: words of it with other words, numbers or marks between. Judged only by what the
//! pieces decode to together.

use std::ops::Range;

use super::dense::{is_plain, is_symbol};
use super::evidence::{decodes, is_data_in_short_lines};
use super::inline::Links;
use super::{Block, decode, inline};

/// Shortest piece, in symbols.
const PIECE: usize = 6;
/// Most octets between two pieces.
const GAP: usize = 48;
/// Fewest pieces of one length, and their length.
const EVEN_PIECES: usize = 4;
const EVEN_PIECE: usize = 16;
/// Fewest symbols of all pieces.
const TOGETHER: usize = 24;

/// The text without its scattered data; `None` when there is none.
pub(super) fn cut(text: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut chain: Vec<Range<usize>> = Vec::new();
    let mut end = |chain: &mut Vec<Range<usize>>, copied: &mut usize, out: &mut String| {
        let pieces: String = chain.iter().filter_map(|piece| text.get(piece.clone())).collect();
        let is_data =
            || decodes(&pieces) || (is_cut_even(chain) && is_data_in_short_lines(&pieces));
        if chain.len() > 1 && pieces.len() >= TOGETHER && is_data() {
            let octets = decode::base64(&pieces);
            let mut mark = stand_in(Block { name: None, form: "application/x-base64", octets });
            for piece in chain.iter() {
                out.push_str(text.get(*copied..piece.start).unwrap_or_default());
                out.push_str(&std::mem::take(&mut mark));
                *copied = piece.end;
            }
        }
        chain.clear();
    };
    for piece in pieces(text) {
        if chain.last().is_some_and(|last| piece.start - last.end > GAP) {
            end(&mut chain, &mut copied, &mut out);
        }
        chain.push(piece);
    }
    end(&mut chain, &mut copied, &mut out);
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// Whether pieces are those of one run that was cut at one length: then the mixture of its characters
/// tells too, for a file that begins within or has no text.
fn is_cut_even(chain: &[Range<usize>]) -> bool {
    let Some((last, whole)) = chain.split_last() else { return false };
    let length = whole.first().map_or(0, Range::len);
    whole.len() >= EVEN_PIECES
        && length >= EVEN_PIECE
        && whole.iter().all(|piece| piece.len() == length)
        && last.len() <= length
}

/// Words that are neither of a language nor numbers nor part of a link.
fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut links = Links::of(text);
    inline::runs(text, is_symbol).filter(move |run| {
        let word = text.get(run.clone()).unwrap_or_default();
        word.len() >= PIECE && !is_plain(word) && !links.hold(run.start)
    })
}
