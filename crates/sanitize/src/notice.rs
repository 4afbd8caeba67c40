//! The notice in a changed mail, and the text of a held one.

use sekimori_policy::{Code, Decisions, Effect, Language, Limits, RemovedPart};

use crate::Context;
use crate::family::Family;

/// The line between notice and text.
pub(crate) const RULE: &str = "――――――――――――――――――――";

/// What was done, in the order it is told: `{}` is the number.
const DONE: [(Code, &str, &str); 20] = [
    (Code::HtmlToText, "テキストに変換", "turned into text"),
    (
        Code::ForwardedAsText,
        "転送メール{}件をテキストに展開",
        "forwarded messages laid out as text: {}",
    ),
    (Code::ReportAsText, "配送結果などの通知をテキストに展開", "report laid out as text"),
    (Code::CalendarAsText, "予定の案内をテキストに展開", "calendar invitation laid out as text"),
    (Code::ContactAsText, "連絡先{}件をテキストに展開", "contacts laid out as text: {}"),
    (
        Code::SignedAsText,
        "電子署名で包まれた部分{}件をテキストに展開（検証はしていません）",
        "parts wrapped in a signature laid out as text, not checked: {}",
    ),
    (Code::TnefAsText, "winmail.datの本文をテキストに展開", "text of winmail.dat laid out"),
    (Code::OtherFormDropped, "本文の別形式を省略", "another form of the text left out"),
    (Code::AttachmentRemoved, "添付ファイル{}件を削除", "attachments removed: {}"),
    (Code::InlineRemoved, "埋め込み画像など{}件を削除", "inline parts removed: {}"),
    (Code::EncryptedRemoved, "暗号化された部分{}件を削除", "encrypted parts removed: {}"),
    (
        Code::SignedRemoved,
        "電子署名で包まれた部分{}件を削除",
        "parts wrapped in a signature removed: {}",
    ),
    (Code::SignatureRemoved, "電子署名を削除", "digital signature removed"),
    (Code::EncodedBlockRemoved, "符号化されたデータ{}件を削除", "encoded data removed: {}"),
    (Code::LinkNeutralised, "リンク{}件を無効化", "links made inert: {}"),
    (Code::HtmlFormDropped, "入力フォームを削除", "form removed"),
    (Code::HtmlHiddenDropped, "画面に表示されない文字を削除", "hidden text removed"),
    (
        Code::CharactersReplaced,
        "読めない文字{}個を〓に置換",
        "unreadable characters shown as 〓: {}",
    ),
    (Code::PrivateUseReplaced, "外字{}個を〓に置換", "private-use characters shown as 〓: {}"),
    (Code::TextCut, "長い本文を途中まで表示", "long text cut"),
];

/// Notes that a reader should be warned by.
const WARNINGS: [Code; 10] = [
    Code::LinkHostDiffers,
    Code::DisplayNameOwnDomain,
    Code::DisplayNameMarked,
    Code::DisplayNameImitates,
    Code::FormsDiffer,
    Code::TypeMismatch,
    Code::EncryptedArchive,
    Code::EncryptedDocument,
    Code::PasswordTold,
    Code::StructureAmbiguous,
];

/// Changes that a reader need not be told of: the same text in another encoding, a header without
/// what does not cross, and a tag that he sees.
fn is_housekeeping(code: Code) -> bool {
    matches!(
        code,
        Code::LineEndsNormalised
            | Code::EscapesRepaired
            | Code::CharactersRemoved
            | Code::PreambleDropped
            | Code::StructureDropped
            | Code::NameCleaned
            | Code::HeaderDropped
            | Code::HeaderRepaired
            | Code::AddressDropped
            | Code::AddressesCut
            | Code::SubjectTagged
    )
}

/// Whether the reader is told: something was removed or changed, might be missing, or could not be
/// read.
pub(crate) fn is_due(decisions: &Decisions, removed: &[RemovedPart]) -> bool {
    let is_told = |code: Code| match code.effect() {
        Effect::Change | Effect::Drop => !is_housekeeping(code),
        Effect::Hold => is_told_hold(code),
        Effect::Note => code == Code::StructureAmbiguous,
        Effect::Reject => false,
    };
    !removed.is_empty() || decisions.iter().any(|decision| is_told(decision.code))
}

/// Whether a hold says something of the message itself.
fn is_told_hold(code: Code) -> bool {
    let is_told = !matches!(code, Code::HoldReview | Code::HoldRule | Code::HoldOperator);
    code.effect() == Effect::Hold && is_told
}

/// The notice, as lines. Safe text as long as the names of removed parts are.
pub(crate) fn changed(
    context: &Context<'_>,
    decisions: &Decisions,
    removed: &[RemovedPart],
) -> String {
    let language = context.organisation.language;
    let words = Words::of(language);
    let mut text = format!("{}\n{}{}\n", words.title, words.reference, context.reference);
    let done = done(decisions, removed, language);
    if !done.is_empty() {
        text.push_str(words.done);
        text.push_str(&done.join(words.separator));
        text.push('\n');
    }
    list(&mut text, removed, context.limits, language);
    for code in WARNINGS.into_iter().filter(|&code| decisions.contains(code)) {
        text.push_str(words.warning);
        text.push_str(sentence(code, language));
        let is_locked = matches!(code, Code::EncryptedArchive | Code::EncryptedDocument);
        if is_locked && !decisions.contains(Code::PasswordTold) {
            text.push_str(words.password);
        }
        text.push('\n');
    }
    // Who reads this of a held message has it by approval.
    for decision in decisions.iter().filter(|decision| is_told_hold(decision.code)) {
        text.push_str(words.reason);
        text.push_str(sentence(decision.code, language));
        text.push('\n');
    }
    text.push_str(words.kept_until);
    text.push_str(&kept_until(context));
    text.push('\n');
    text.push_str(words.wanted);
    text.push('\n');
    text
}

/// What a recipient is told of a message that waits for a person.
pub(crate) fn held(context: &Context<'_>, decisions: &Decisions) -> String {
    let language = context.organisation.language;
    let words = Words::of(language);
    let mut text = format!("{}\n{}{}\n", words.held, words.reference, context.reference);
    let holds = decisions.iter().filter(|decision| decision.code.effect() == Effect::Hold);
    for decision in holds {
        text.push_str(words.reason);
        text.push_str(sentence(decision.code, language));
        text.push('\n');
    }
    text.push_str(words.kept_until);
    text.push_str(&kept_until(context));
    text.push('\n');
    text.push_str(words.wanted);
    text.push('\n');
    text
}

/// What stands for the text of a message that could not be read.
pub(crate) fn unreadable(language: Language) -> &'static str {
    match language {
        Language::Japanese => "〔本文を読み取れませんでした。内容は原本で確認してください。〕\n",
        Language::English => "[The text could not be read. See the original.]\n",
    }
}

/// What stands after a text that was cut.
pub(crate) fn cut_mark(language: Language) -> &'static str {
    match language {
        Language::Japanese => "〔以下は上限を超えるため省略しました。全文は原本にあります。〕\n",
        Language::English => {
            "[The rest is over the limit and left out. The original has all of it.]\n"
        }
    }
}

struct Words {
    title: &'static str,
    held: &'static str,
    reference: &'static str,
    done: &'static str,
    separator: &'static str,
    warning: &'static str,
    /// After a warning of a file with a password.
    password: &'static str,
    reason: &'static str,
    kept_until: &'static str,
    wanted: &'static str,
}

impl Words {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::Japanese => &Self {
                title: "【無害化のお知らせ】このメールは無害化されています。",
                held: "【保留のお知らせ】あなた宛てのメールを保留しています。",
                reference: "受付番号：",
                done: "処理　　：",
                separator: "／",
                warning: "注意　　：",
                password: "パスワードは別のメールで届くことがあります。",
                reason: "理由　　：",
                kept_until: "原本の保管期限：",
                wanted: "原本が必要なとき：受付番号を控え、「取り出し申請」から申請してください。",
            },
            Language::English => &Self {
                title: "[Sanitized mail] This mail was made harmless.",
                held: "[Held mail] A mail for you is being held.",
                reference: "Reference: ",
                done: "Done: ",
                separator: "; ",
                warning: "Caution: ",
                password: " Its password may come in another mail.",
                reason: "Reason: ",
                kept_until: "Original kept until: ",
                wanted: "To ask for the original, give the reference number in a release request.",
            },
        }
    }
}

fn sentence(code: Code, language: Language) -> &'static str {
    match language {
        Language::Japanese => code.japanese(),
        Language::English => code.english(),
    }
}

fn kept_until(context: &Context<'_>) -> String {
    match context.organisation.language {
        Language::Japanese => context.keep_until.japanese(),
        Language::English => context.keep_until.english(),
    }
}

fn done(decisions: &Decisions, removed: &[RemovedPart], language: Language) -> Vec<String> {
    let words_of = |japanese: &str, english: &str, count: u64| {
        let words = if language == Language::Japanese { japanese } else { english };
        words.replace("{}", &grouped(count))
    };
    let told = DONE.iter().filter(|(code, ..)| decisions.contains(*code));
    let mut done: Vec<String> = told
        .map(|(code, japanese, english)| words_of(japanese, english, decisions.count(*code)))
        .collect();
    // These codes count what was found, and not only what was removed for it.
    let is_unread =
        |part: &&RemovedPart| matches!(part.reason, Code::StructureAmbiguous | Code::HoldHtml);
    let unread = removed.iter().filter(is_unread).count();
    if unread > 0 {
        let count = u64::try_from(unread).unwrap_or(u64::MAX);
        done.push(words_of("読み取れない部分{}件を削除", "unreadable parts removed: {}", count));
    }
    done
}

fn list(text: &mut String, removed: &[RemovedPart], limits: &Limits, language: Language) {
    for (at, part) in removed.iter().take(limits.listed_parts).enumerate() {
        let family = family_of(part);
        let size = grouped(part.size);
        let line = match language {
            Language::Japanese => {
                let family = family.map(|f| format!("{}、", f.name(language))).unwrap_or_default();
                format!(
                    "  {}. {}（{family}{size}バイト）理由：{}\n",
                    at + 1,
                    part.name,
                    reason(part.reason, language)
                )
            }
            Language::English => {
                let family = family.map(|f| format!("{}, ", f.name(language))).unwrap_or_default();
                format!(
                    "  {}. {} ({family}{size} bytes) Reason: {}\n",
                    at + 1,
                    part.name,
                    reason(part.reason, language)
                )
            }
        };
        text.push_str(&line);
    }
    let more = removed.len().saturating_sub(limits.listed_parts);
    if more > 0 {
        text.push_str(&match language {
            Language::Japanese => format!("  ほか{more}件\n"),
            Language::English => format!("  and {more} more\n"),
        });
    }
}

/// The family shown for a part: what its content is, unless that is only the form in which files of
/// that name are written, an archive or text.
fn family_of(part: &RemovedPart) -> Option<Family> {
    let named = Family::of_name(&part.name);
    match Family::of_media_type(&part.detected_type) {
        None | Some(Family::Archive) if named.is_some() => named,
        Some(Family::Text) if named.is_some_and(Family::is_written_as_text) => named,
        shown => shown,
    }
}

/// Why a part was removed, in a few words.
fn reason(code: Code, language: Language) -> &'static str {
    let (japanese, english) = match code {
        Code::InlineRemoved => {
            ("本文に埋め込まれた部分はすべて削除", "all inline parts are removed")
        }
        Code::EncryptedRemoved => ("暗号化されているため削除", "encrypted"),
        Code::SignedRemoved => (
            "電子署名で包まれた形式のため削除（検証はしていません）",
            "wrapped in a signature, not checked",
        ),
        Code::SignatureRemoved => {
            ("電子署名のため削除（検証はしていません）", "digital signature, not checked")
        }
        Code::EncodedBlockRemoved => {
            ("本文中の符号化されたデータのため削除", "encoded data inside the text")
        }
        Code::StructureAmbiguous => {
            ("構造の読み方が分かれるため削除", "its structure is ambiguous")
        }
        Code::HoldHtml => {
            ("HTMLが大きすぎる、または複雑すぎるため", "HTML too large or too complex")
        }
        _ => ("添付ファイルはすべて削除", "all attachments are removed"),
    };
    if language == Language::Japanese { japanese } else { english }
}

/// A number with commas, as in 48,213.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (48_213, "48,213"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn housekeeping_needs_no_notice() {
        let mut decisions = Decisions::new();
        decisions.add(Code::HeaderDropped);
        decisions.add(Code::CharsetGuessed);
        decisions.add(Code::EscapesRepaired);
        assert!(!is_due(&decisions, &[]));
        decisions.add(Code::LinkNeutralised);
        assert!(is_due(&decisions, &[]));
    }
}
