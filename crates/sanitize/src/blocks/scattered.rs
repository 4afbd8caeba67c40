//! Data in pieces: words of it with other words, numbers or marks between. Judged only by what the
//! pieces decode to together.

use std::ops::Range;

use super::dense::{is_plain, is_symbol};
use super::evidence::decodes;
use super::inline::Links;
use super::{Block, decode, inline};

/// Shortest piece, in symbols.
const PIECE: usize = 6;
/// Most octets between two pieces.
const GAP: usize = 48;
/// Fewest symbols of all pieces.
const TOGETHER: usize = 24;

/// The text without its scattered data; `None` when there is none.
pub(super) fn cut(text: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut chain: Vec<Range<usize>> = Vec::new();
    let mut end = |chain: &mut Vec<Range<usize>>, copied: &mut usize, out: &mut String| {
        let pieces: String = chain.iter().filter_map(|piece| text.get(piece.clone())).collect();
        if chain.len() > 1 && pieces.len() >= TOGETHER && decodes(&pieces) {
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

/// Words that are neither of a language nor numbers nor part of a link.
fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut links = Links::of(text);
    inline::runs(text, is_symbol).filter(move |run| {
        let word = text.get(run.clone()).unwrap_or_default();
        word.len() >= PIECE && !is_plain(word) && !links.hold(run.start)
    })
}
