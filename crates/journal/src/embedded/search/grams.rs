//! The grams of texts: what the index has of them, and what is asked of it.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Characters of a column that the index has grams of. A message with more in one column is looked
/// at in every search.
pub(super) const MAX_INDEXED_CHARS: usize = 20_000;

/// A text as it is compared: NFKC in lower case, each run of blanks as one.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut blank = false;
    if text.is_ascii() {
        for word in text.split_whitespace() {
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        }
        return folded;
    }
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && !folded.is_empty() {
            folded.push(' ');
        }
        blank = false;
        folded.push(c);
    }
    folded
}

/// Two neighbouring characters or three; the second is 0 after the last character, the third in a
/// pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram([char; 3]);

/// All grams of a folded text, added to what `grams` has.
///
/// A character at the end is a pair with nothing, so that a search for one character is one for all
/// pairs that begin with it.
pub(super) fn of_text(folded: &str, grams: &mut Vec<Gram>) {
    let mut characters = folded.chars();
    while let Some(first) = characters.next() {
        let mut following = characters.clone();
        let (second, third) = (following.next(), following.next());
        grams.push(Gram([first, second.unwrap_or('\0'), '\0']));
        if let (Some(second), Some(third)) = (second, third)
            && is_triple([first, second, third])
        {
            grams.push(Gram([first, second, third]));
        }
    }
}

/// Grams as tokens parted by blanks, each once.
pub(super) fn tokens(grams: &mut Vec<Gram>) -> String {
    grams.sort_unstable();
    grams.dedup();
    let mut tokens = String::with_capacity(grams.len() * 12);
    for Gram([first, second, third]) in grams {
        if !tokens.is_empty() {
            tokens.push(' ');
        }
        tokens.push(if *third == '\0' { 'p' } else { 't' });
        push_number(&mut tokens, *first);
        tokens.push('x');
        push_number(&mut tokens, *second);
        if *third != '\0' {
            tokens.push('x');
            push_number(&mut tokens, *third);
        }
    }
    tokens
}

/// Appends a character's number in hexadecimal digits.
fn push_number(tokens: &mut String, c: char) {
    let number = u32::from(c);
    let digits = (u32::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        tokens.push(char::from_digit(number >> (4 * place) & 15, 16).unwrap_or('0'));
    }
}

/// What the index must have for a folded text to be found: a term of a query for FTS5, without the
/// columns. `None` of an empty text, which is everywhere.
pub(super) fn query(folded: &str) -> Option<String> {
    let characters: Vec<char> = folded.chars().collect();
    let terms: BTreeSet<String> = match characters.as_slice() {
        [] => return None,
        [only] => return Some(format!("\"{}\" *", beginning(*only))),
        [first, second] => BTreeSet::from([pair(*first, Some(*second))]),
        longer => longer
            .windows(3)
            .flat_map(|window| match *window {
                [a, b, c] if is_triple([a, b, c]) => vec![triple([a, b, c])],
                [a, b, c] => vec![pair(a, Some(b)), pair(b, Some(c))],
                _ => Vec::new(),
            })
            .collect(),
    };
    let terms: Vec<String> = terms.into_iter().map(|term| format!("\"{term}\"")).collect();
    Some(format!("({})", terms.join(" AND ")))
}

/// Whether three characters have a token of their own: pairs of letters are too common to find
/// anything by, pairs of kanji are not.
fn is_triple(characters: [char; 3]) -> bool {
    characters.iter().any(char::is_ascii)
}

fn beginning(first: char) -> String {
    format!("p{:x}x", u32::from(first))
}

fn pair(first: char, second: Option<char>) -> String {
    format!("{}{:x}", beginning(first), second.map_or(0, u32::from))
}

fn triple([first, second, third]: [char; 3]) -> String {
    format!("t{:x}x{:x}x{:x}", u32::from(first), u32::from(second), u32::from(third))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> BTreeSet<String> {
        let mut grams = Vec::new();
        of_text(&folded(text), &mut grams);
        super::tokens(&mut grams).split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn width_case_and_blanks_make_no_difference() {
        assert_eq!(folded("  ＡＢＣ　　見積　 Ⅻ "), "abc 見積 xii");
        assert_eq!(folded("ﾒｰﾙ"), "メール");
    }

    #[test]
    fn what_is_asked_for_a_part_of_a_text_is_among_its_grams() {
        let text = "令和8年度 見積書（Re: quote）";
        let all = tokens(text);
        let characters: Vec<char> = folded(text).chars().collect();
        for from in 0..characters.len() {
            for to in from + 2..=characters.len() {
                let part: String = characters[from..to].iter().collect();
                let asked = query(&part).unwrap();
                let terms = asked.trim_matches(['(', ')']).split(" AND ");
                for term in terms {
                    assert!(all.contains(term.trim_matches('"')), "{part}: {term}");
                }
            }
            let one = query(&characters[from].to_string()).unwrap();
            let prefix = one.trim_end_matches(" *").trim_matches('"');
            assert!(all.iter().any(|token| token.starts_with(prefix)), "{one}");
        }
        assert_eq!(query(""), None);
    }
}
