//! Whether a mail tells the password of an attachment (PPAP): the file in one mail, its password in
//! the next.
//!
//! Careful rather than complete: a word for password, with a word for an attached file near it, and
//! either the password itself or words that announce it in the same sentence. What speaks of an
//! account, or of a password that comes some other way, is none.

use std::iter::{self, Peekable};

/// Characters before and after the word for password that are looked at.
const AROUND: usize = 60;
/// Occurrences of such a word that are looked at.
const MAX_LOOKED_AT: usize = 100;
/// Room between the word and the colon or bracket before the password: 13 characters of Japanese,
/// each of which takes three places, 40 of English.
const MAX_GAP: usize = 40;
/// Shortest password.
const MIN_PASSWORD: usize = 4;

const WORDS: [&str; 3] = ["パスワード", "ﾊﾟｽﾜｰﾄﾞ", "password"];
const FILES: [&str; 16] = [
    "添付",
    "解凍",
    "展開",
    "圧縮",
    "開封",
    "復号",
    "暗号化",
    "ファイル名",
    "ファイルを開",
    "zip",
    ".7z",
    ".lzh",
    "attach",
    "archive",
    "encryptedfile",
    "unlockthefile",
];
const ANNOUNCING: [&str; 14] = [
    "お知らせ",
    "通知",
    "ご連絡",
    "お送り",
    "送付",
    "以下",
    "下記",
    "次の",
    "左記",
    "passwordis",
    "passwordtoopen",
    "hereisthe",
    "asfollows",
    "below",
];
/// Of passwords that come some other way.
const ELSEWHERE: [&str; 19] = [
    "別のメール",
    "別メール",
    "別途",
    "別送",
    "後ほど",
    "のちほど",
    "後程",
    "追って",
    "次のメール",
    "電話",
    "事前に",
    "いつもの",
    "必要",
    "お問い合わせ",
    "separat",
    "anothermail",
    "anotheremail",
    "byphone",
    "willbe",
];
/// Of passwords to an account or a meeting.
const ACCOUNTS: [&str; 20] = [
    "忘れ",
    "再設定",
    "再発行",
    "リセット",
    "変更",
    "ログイン",
    "アカウント",
    "会員",
    "会議",
    "ミーティング",
    "有効期限",
    "仮パス",
    "管理画面",
    "認証",
    "forgot",
    "reset",
    "login",
    "signin",
    "account",
    "meeting",
];
/// What stands after the word where only a protected file is spoken of.
const PROTECTED: [&str; 8] =
    ["付", "つき", "保護", "を設定", "をかけ", "ロック", "-protect", "protect"];

/// Whether a mail of that subject and text tells the password of an attachment.
pub(crate) fn is_told(subject: &str, text: &str) -> bool {
    if ![subject, text].into_iter().any(may_have_word) {
        return false;
    }
    let squeezed: String = [subject, "。", text]
        .iter()
        .flat_map(|part| part.chars())
        .filter(|c| !c.is_whitespace() && *c != '>')
        .fold(String::with_capacity(subject.len() + text.len()), push_lowercase);
    let places = WORDS.map(|word| squeezed.match_indices(word).peekable());
    in_order(places).take(MAX_LOOKED_AT).any(|(start, word)| {
        let (before, from) = squeezed.split_at_checked(start).unwrap_or_default();
        tells(before, from.get(word.len()..).unwrap_or_default())
    })
}

/// Whether some word for password could stand in a text, by the rarest of its letters: most texts
/// have none.
fn may_have_word(text: &str) -> bool {
    const JAPANESE: [&str; 2] = ["ワ", "ﾜ"];
    let octets = text.as_bytes();
    let is_after_s = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == '>');
        // As a small letter: U+017F is none of those, its capital is S.
        before.chars().next_back().is_some_and(|c| c.to_lowercase().eq(['s']))
    };
    JAPANESE.iter().any(|letter| memchr::memmem::find(octets, letter.as_bytes()).is_some())
        || memchr::memchr2_iter(b'w', b'W', octets).any(is_after_s)
}

/// Appends a character as a small letter. Japanese has none to look up.
fn push_lowercase(mut out: String, c: char) -> String {
    match c {
        '\u{3000}'..='\u{9FFF}' => out.push(c),
        _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        _ => out.extend(c.to_lowercase()),
    }
    out
}

/// What several searches find, first things first; each searches the text once.
fn in_order<'t, S>(mut searches: [Peekable<S>; 3]) -> impl Iterator<Item = (usize, &'t str)>
where
    S: Iterator<Item = (usize, &'t str)>,
{
    iter::from_fn(move || {
        let next = searches.iter_mut().filter_map(|search| Some((search.peek()?.0, search)));
        next.min_by_key(|(at, _)| *at)?.1.next()
    })
}

/// Whether a password is told between what stands before the word and after it.
fn tells(before: &str, after: &str) -> bool {
    let start = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let before = before.get(start..).unwrap_or_default();
    let end = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    let after = after.get(..end).unwrap_or_default();
    let is_of_file = has(before, &FILES) || has(after, &FILES);
    let is_of_account = has(before, &ACCOUNTS) || has(after, &ACCOUNTS);
    if !is_of_file || is_of_account || PROTECTED.iter().any(|word| after.starts_with(word)) {
        return false;
    }
    if is_given(after) {
        return true;
    }
    let ends = ['。', '！', '？', '※', '■'];
    let before = before.rsplit(ends).next().unwrap_or_default();
    let after = after.split(ends).next().unwrap_or_default();
    // The word itself stands between the two where the phrase has it.
    let sentence = format!("{before}password{after}");
    has(&sentence, &ANNOUNCING) && !has(&sentence, &ELSEWHERE)
}

/// Whether a password follows: after a colon, an equals sign or an opening bracket.
fn is_given(after: &str) -> bool {
    let opens = |c: char| matches!(c, ':' | '：' | '=' | '＝' | '「' | '『' | '【' | '[' | '［');
    let mut places_taken = 0;
    let mut near = after.char_indices().take_while(|(_, c)| {
        places_taken += if c.is_ascii() { 1 } else { 3 };
        places_taken <= MAX_GAP
    });
    let Some((at, opening)) = near.find(|(_, c)| opens(*c)) else { return false };
    let value = after.get(at + opening.len_utf8()..).unwrap_or_default();
    let value = value.trim_start_matches(opens);
    let length = value.bytes().take_while(u8::is_ascii_graphic).count();
    length >= MIN_PASSWORD && !value.starts_with("http")
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_that_tell_a_password_are_known() {
        for text in [
            "添付ファイルのパスワードは以下の通りです。\n\nab12CD34\n",
            "解凍パスワード：Ym8#kT2v",
            "先ほどお送りしたメールの添付ファイルの\nパスワードをお知らせいたします。",
            "添付ZIPの解凍用パスワードは「kanko2026」です。",
            "ファイル名　：名簿.zip\nパスワード　：x9Kq2mmP",
            "先程の添付の件、ﾊﾟｽﾜｰﾄﾞ=abcd1234",
            "The password for the attached zip file is as follows:\n\nS3cret!99",
            "Password for the attachment: S3cret!99",
            "> 添付ファイルの解凍パスワード\n> をご連絡します。",
        ] {
            assert!(is_told("", text), "{text}");
        }
        assert!(is_told("添付ファイルの件", "パスワード：ab12CD34"));
    }

    #[test]
    fn mails_that_only_speak_of_passwords_are_not_taken_for_such() {
        for text in [
            "パスワードを忘れた方はこちら。添付のPDFもご覧ください。",
            "パスワード再設定のご案内\n以下のURLから手続きしてください。https://a.example/",
            "添付ファイルはパスワード付きZIPです。\nパスワードは別のメールにてお知らせいたします。",
            "開封パスワードは、事前にお電話でお伝えしたものです。",
            "添付の手順書をご覧ください。ログインパスワードは以下です。\nabcd1234",
            "圧縮ファイルを添付します。パスワードは、いつものルール(大会名の略称)です。",
            "添付のファイルにはパスワードを設定しています。",
            "添付の申込書をお送りください。パスワードの管理に関する研修です。",
            "パスワード：ab12CD34",
            "添付をご確認ください。パスワード：https://a.example/reissue",
            "The attached file is password-protected. The password will be sent in a separate email.",
            "Forgot your password? See the attachment below to reset it.",
            "Zoom ミーティングに参加する。パスワード: 092415（資料は添付のとおり）",
            "パスワード付きの圧縮ファイルがありました。パスワードは別のメールで届くことがあります。",
            "",
        ] {
            assert!(!is_told("", text), "{text}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_the_word_costs_little() {
        let text = "添付のパスワード".repeat(100_000);
        let started = std::time::Instant::now();
        assert!(!is_told("", &text));
        let between = "。".repeat(AROUND);
        let told = |words: usize| {
            format!("{}{between}解凍パスワード：ab12CD34", "パスワード".repeat(words))
        };
        assert!(is_told("", &told(MAX_LOOKED_AT - 1)));
        let last = told(MAX_LOOKED_AT);
        assert!(!is_told("", &last), "over the bound nothing is looked at");
        assert!(started.elapsed().as_secs() < 5);
    }
}
