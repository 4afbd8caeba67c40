//! Passwords that are guessed first: words in common use, names of people and places, rows of the
//! keyboard, years, repetitions, and whatever belongs to the person or the organisation.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that passwords are commonly made of, in lower case, parted by white space.
static WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_words.txt").split_whitespace().collect());

/// Longest word that is looked for, in characters.
const MAX_WORD: usize = 20;
/// Shortest word that is looked for.
const MIN_WORD: usize = 3;
/// What a password must be worth: a character that nothing explains is worth one, each different
/// known word [`WORD_WORTH`]. Four known words make a phrase that is as long to guess as eight
/// characters.
const LEAST_WORTH: usize = 8;
/// What a known word is worth.
const WORD_WORTH: usize = 2;

/// Whether a password is guessed first. `personal`: what belongs to the person, such as his login.
/// Takes time linear in the password's length.
pub(super) fn is_common(password: &str, personal: &[String]) -> bool {
    let typed: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let plain: Vec<char> = typed.iter().map(|&c| letter_meant(c)).collect();
    let personal: HashSet<String> = personal.iter().flat_map(|text| words_of(text)).collect();
    let mut seen: HashSet<String> = HashSet::new();
    let mut worth = 0_usize;
    let mut at = 0;
    while at < typed.len() {
        if let Some((length, word)) = word_at(&typed, &plain, at, &personal) {
            let is_personal = personal.contains(&word);
            if seen.insert(word) && !is_personal {
                worth += WORD_WORTH;
            }
            at += length;
        } else if let Some(length) = year_at(&typed, at) {
            at += length;
        } else {
            worth += usize::from(!is_explained(&typed, at));
            at += 1;
        }
    }
    worth < LEAST_WORTH
}

/// The longest known word that begins at a place, as typed or with the letters that are meant.
fn word_at(
    typed: &[char],
    plain: &[char],
    at: usize,
    personal: &HashSet<String>,
) -> Option<(usize, String)> {
    (MIN_WORD..=MAX_WORD).rev().find_map(|length| {
        [typed, plain].into_iter().find_map(|form| {
            let word: String = form.get(at..at + length)?.iter().collect();
            let is_known = WORDS.contains(word.as_str()) || personal.contains(&word);
            is_known.then_some((length, word))
        })
    })
}

/// A year of the last or this century.
fn year_at(typed: &[char], at: usize) -> Option<usize> {
    let digits = typed.get(at..at + 4)?;
    let is_year = matches!(digits, ['1', '9', ..] | ['2', '0', ..])
        && digits.iter().all(char::is_ascii_digit);
    is_year.then_some(4)
}

/// Whether a character repeats or continues what stands before it, as in `aaa`, `abc` or `321`.
fn is_explained(typed: &[char], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| typed.get(at)).copied();
    let (Some(&this), Some(last)) = (typed.get(at), before(1)) else { return false };
    let step = u32::from(this).abs_diff(u32::from(last));
    // One of two that take turns is explained as well.
    step <= 1 || before(2) == Some(this)
}

/// The letter that a digit or sign stands for.
fn letter_meant(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// The words that a login, name or address is made of, and the whole of it.
fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let is_separator = |c: char| !c.is_alphanumeric();
    let mut words: Vec<String> = lower.split(is_separator).map(str::to_owned).collect();
    words.push(lower.chars().filter(|&c| !is_separator(c)).collect());
    // 山北町 and 山北 alike.
    let stems: Vec<String> = words
        .iter()
        .filter_map(|word| word.strip_suffix(['町', '市', '村', '区', '県']).map(str::to_owned))
        .collect();
    words.extend(stems);
    words.retain(|word| {
        let count = word.chars().count();
        count <= MAX_WORD && (count >= MIN_WORD || !word.is_ascii() && count >= 2)
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn personal() -> Vec<String> {
        ["sato.hanako", "佐藤 花子", "山北町", "town.yamakita.example.jp"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn what_is_guessed_first_is_known() {
        for password in [
            "password1234",
            "P@ssw0rd2026",
            "passwordpassword",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "abcdefghijkl",
            "yamakita2026",
            "Yamakita-2026!",
            "satohanako1985",
            "sato.hanako!",
            "kanagawa20260401",
            "令和8年2026年4月",
            "パスワードパスワード",
            "yamakita1234",
            "tokyo2020tokyo",
            "sakura-2026-sakura",
            "1qaz2wsx3edc",
            "zaq12wsxcde3",
            "!QAZ2wsx#EDC",
            "letmein12345",
            "管理者パスワード2026",
        ] {
            assert!(is_common(password, &personal()), "{password}");
        }
    }

    #[test]
    fn what_nobody_guesses_is_left_alone() {
        for password in [
            "k7#Qv9zLm2pX",
            "関所の門は日没に閉まる",
            "mizu ni utsuru tsuki wo sukuu",
            "correct horse battery staple",
            "Tj4!rw8Lq0bZ",
            "雨の日の紫陽花と古い自転車",
        ] {
            assert!(!is_common(password, &personal()), "{password}");
        }
    }

    #[test]
    fn the_list_is_long_and_in_the_form_that_is_looked_up() {
        assert!(WORDS.len() >= 1_000, "{}", WORDS.len());
        for word in WORDS.iter() {
            assert!(word.chars().count() <= MAX_WORD, "{word}");
            assert_eq!(*word, word.to_lowercase(), "{word}");
        }
    }

    #[test]
    fn long_passwords_take_no_long_time() {
        assert!(is_common(&"あ".repeat(100_000), &personal()));
    }
}
