//! Every decision code, with its effect and a sentence for people in Japanese and English.
//!
//! The same code stands in the log, on the command line, in `Sekimori-Result` and on screen. Codes
//! are only ever added: other people's tools match on them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a decision does to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Something worth knowing; nothing of the message is changed by it.
    Note,
    /// The reader sees the same content in another form.
    Change,
    /// Something of the input does not cross.
    Drop,
    /// The message waits for a person.
    Hold,
    /// The message is refused in the SMTP dialogue.
    Reject,
}

impl Effect {
    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Change => "change",
            Self::Drop => "drop",
            Self::Hold => "hold",
            Self::Reject => "reject",
        }
    }
}

/// A string that is no code of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no decision code of the catalogue")]
pub struct UnknownCode;

macro_rules! catalogue {
    ($($name:ident $code:literal $effect:ident $ja:literal $en:literal;)*) => {
        /// A decision code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Code {
            $(#[doc = $en] $name,)*
        }

        impl Code {
            /// Every code, in the catalogue's order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as written, such as `html-to-text`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// What the decision does to a message.
            pub fn effect(self) -> Effect {
                match self { $(Code::$name => Effect::$effect,)* }
            }

            /// The sentence for people, in Japanese.
            pub fn japanese(self) -> &'static str {
                match self { $(Code::$name => $ja,)* }
            }

            /// The sentence for people, in English.
            pub fn english(self) -> &'static str {
                match self { $(Code::$name => $en,)* }
            }
        }

        impl FromStr for Code {
            type Err = UnknownCode;
            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                match text { $($code => Ok(Code::$name),)* _ => Err(UnknownCode) }
            }
        }
    };
}

catalogue! {
    // Text and its form.
    HtmlToText "html-to-text" Change "HTMLの本文をテキストに変換しました。" "The HTML body was turned into text.";
    TextCut "text-cut" Drop "本文が上限を超えたため、途中までを通しました。全文は原本にあります。" "The text was longer than the limit and was cut; the original has all of it.";
    LineEndsNormalised "line-ends-normalised" Change "改行コードを統一しました。" "Line ends were made uniform.";
    ForwardedAsText "forwarded-as-text" Change "転送メール（添付のメール）をテキストとして展開しました。" "A forwarded message was laid out as text.";
    ReportAsText "report-as-text" Change "配送結果の通知をテキストとして展開しました。" "A delivery report was laid out as text.";
    CalendarAsText "calendar-as-text" Change "予定の案内をテキストとして展開しました。" "A calendar invitation was laid out as text.";
    ContactAsText "contact-as-text" Change "連絡先（vCard）をテキストとして展開しました。" "A contact (vCard) was laid out as text.";
    SignedAsText "signed-as-text" Change "電子署名で包まれた部分をテキストとして展開しました（検証はしていません）。" "What was wrapped in a digital signature was laid out as text; the signature was not checked.";
    TnefAsText "tnef-as-text" Change "winmail.dat（TNEF）の中身をテキストとして展開しました。" "What was wrapped in winmail.dat (TNEF) was laid out as text.";
    OtherFormDropped "other-form-dropped" Drop "同じ本文の別形式（テキスト版またはHTML版）を省きました。" "Another form of the same body was left out.";
    FormsDiffer "forms-differ" Note "テキスト版とHTML版の内容が異なります。" "The plain and HTML forms of the body say different things.";

    // Characters.
    CharsetGuessed "charset-guessed" Note "文字コードの指定がない、または誤っていたため、内容から判定しました。" "The charset was missing or wrong and was told from the bytes.";
    CharactersReplaced "characters-replaced" Change "表示できない文字を〓に置き換えました。" "Characters that could not be decoded are shown as 〓.";
    CharactersRemoved "characters-removed" Drop "制御文字や見えない文字を取り除きました。" "Control and invisible characters were removed.";
    PrivateUseReplaced "private-use-replaced" Change "外字を〓に置き換えました。" "Private-use characters are shown as 〓.";
    EscapesRepaired "escapes-repaired" Change "ISO-2022-JPの切り替えの誤りを補いました。" "Faulty ISO-2022-JP escapes were repaired.";

    // Removed parts.
    AttachmentRemoved "attachment-removed" Drop "添付ファイルを削除しました。" "An attachment was removed.";
    InlineRemoved "inline-removed" Drop "本文に埋め込まれた画像などを削除しました。" "An inline image or other inline part was removed.";
    EncryptedRemoved "encrypted-removed" Drop "暗号化された部分を削除しました。" "An encrypted part was removed.";
    SignatureRemoved "signature-removed" Drop "電子署名を削除しました（検証はしていません）。" "A digital signature was removed; it was not checked.";
    EncodedBlockRemoved "encoded-block-removed" Drop "本文中の符号化されたデータを削除しました。" "A block of encoded data inside the text was removed.";
    EncryptedArchive "encrypted-archive" Note "パスワード付きの圧縮ファイルがありました。" "There was an archive that needs a password.";
    EncryptedDocument "encrypted-document" Note "パスワード付きの文書がありました。" "There was a document that needs a password.";
    PasswordTold "password-told" Note "添付ファイルのパスワードを知らせるメールです。" "The mail tells the password of an attachment.";
    SignedRemoved "signed-removed" Drop "電子署名で包まれた部分を削除しました（検証はしていません）。" "A part wrapped in a digital signature was removed; it was not checked.";
    TypeMismatch "type-mismatch" Note "添付ファイルの実際の種類が、名前や申告と異なります。" "An attachment is of another type than it says.";
    NameCleaned "name-cleaned" Change "添付ファイル名の危険な文字を取り除きました。" "Dangerous characters were removed from an attachment's name.";

    // HTML.
    HtmlScriptDropped "html-script-dropped" Drop "スクリプトを削除しました。" "Scripts were dropped.";
    HtmlStyleDropped "html-style-dropped" Drop "スタイル指定を削除しました。" "Style sheets were dropped.";
    HtmlFormDropped "html-form-dropped" Drop "入力フォームを削除しました。" "Form controls were dropped.";
    HtmlObjectDropped "html-object-dropped" Drop "埋め込みオブジェクトや別ページの枠を削除しました。" "Embedded objects and frames were dropped.";
    HtmlImageDropped "html-image-dropped" Drop "画像の参照を削除しました。" "References to images were dropped.";
    HtmlCommentDropped "html-comment-dropped" Drop "HTMLのコメントを削除しました。" "HTML comments were dropped.";
    HtmlHiddenDropped "html-hidden-dropped" Drop "画面に表示されない文字を削除しました。" "Text that a reader would not have seen was dropped.";
    HtmlFlattened "html-flattened" Change "入れ子の深いHTMLを平らにしました。" "Deeply nested HTML was flattened.";
    LinkNeutralised "link-neutralised" Change "リンクを押せない文字にしました。" "Links were made inert text.";
    LinkHostDiffers "link-host-differs" Note "表示と異なる宛先へのリンクがありました。" "A link leads to another host than its text says.";

    // Structure.
    PreambleDropped "preamble-dropped" Drop "マルチパートの前書き・後書きを省きました。" "Text before or after the parts of a multipart was left out.";
    StructureDropped "structure-dropped" Drop "マルチパートの区切りと、部分ごとのヘッダーを省きました。" "The delimiters of a multipart and the headers of its parts were left out.";
    StructureAmbiguous "structure-ambiguous" Note "読み方が分かれる構造のため、より慎重な読み方をしました。" "The structure can be read in more than one way; the most suspicious reading was taken.";
    EncodingFaulty "encoding-faulty" Note "転送エンコーディングに誤りがありました。" "A transfer encoding was faulty.";

    // Header fields.
    HeaderDropped "header-dropped" Drop "通さないヘッダー項目を省きました。" "Header fields that do not cross were left out.";
    HeaderRepaired "header-repaired" Change "誤りのあるヘッダー項目を直しました。" "Faulty header fields were repaired.";
    FromMissing "from-missing" Note "差出人（From）がないため、送信元から補いました。" "There was no From fit to read; it was taken from the envelope.";
    DateMissing "date-missing" Note "日付がないため、受信時刻を補いました。" "There was no Date fit to read; the time of receipt was taken.";
    AddressDropped "address-dropped" Drop "書き表せないアドレスを省きました。" "An address that cannot be written was left out.";
    AddressesCut "addresses-cut" Drop "アドレスの数が上限を超えたため、以降を省きました。" "There were more addresses than the limit; the rest was left out.";
    DisplayNameMarked "display-name-marked" Note "差出人名に別のアドレスが含まれています。" "A display name holds an address other than the real one.";
    DisplayNameImitates "display-name-imitates" Note "差出人名に、別の文字に似せた文字が混ざっています。" "A display name mixes scripts so as to imitate another name.";
    DisplayNameOwnDomain "display-name-own-domain" Note "差出人名に自団体のドメインが含まれていますが、差出人のアドレスは別のドメインです。" "A display name holds the organisation's own domain, but the address is of another.";

    // Rules and exceptions.
    SubjectTagged "subject-tagged" Change "規則により、件名の前に印を付けました。" "A rule put a tag before the subject.";
    RuleMatched "rule-matched" Note "団体の規則に当てはまりました。" "A rule of the organisation applied.";
    RuleShadow "rule-shadow" Note "試行中の規則に当てはまりました（記録のみ）。" "A shadow rule would have applied; it is only put on record.";
    ExceptionApplied "exception-applied" Note "承認された例外措置に当てはまりました。" "An approved exception applied.";

    // Holds.
    HoldReview "hold-review" Hold "すべてのメールを確認する設定のため、保留しました。" "Held because every message of this organisation is reviewed.";
    HoldRule "hold-rule" Hold "団体の規則により、保留しました。" "Held by a rule of the organisation.";
    HoldDepth "hold-depth" Hold "構造の入れ子が深すぎるため、保留しました。" "Held because the structure is nested too deeply.";
    HoldParts "hold-parts" Hold "部分の数が多すぎるため、保留しました。" "Held because there are too many parts.";
    HoldHeader "hold-header" Hold "ヘッダーが大きすぎるため、保留しました。" "Held because the header is too large.";
    HoldHtml "hold-html" Hold "HTMLが大きすぎる、または複雑すぎるため、保留しました。" "Held because the HTML is too large or too complex.";
    HoldCharset "hold-charset" Hold "読めない文字が多すぎるため、保留しました。" "Held because too many characters could not be decoded.";
    HoldStructure "hold-structure" Hold "構造を確かに読み取れないため、保留しました。" "Held because the structure cannot be read with certainty.";
    HoldEncrypted "hold-encrypted" Hold "暗号化された部分を含むため、保留しました。" "Held because a part is encrypted.";
    HoldTime "hold-time" Hold "変換に時間がかかりすぎたため、保留しました。" "Held because the conversion took too long.";
    HoldError "hold-error" Hold "変換の途中で誤りが起きたため、保留しました。" "Held because the conversion failed.";
    HoldVerifier "hold-verifier" Hold "変換結果が検証に通らなかったため、保留しました。" "Held because the result did not pass the verifier.";
    HoldOperator "hold-operator" Hold "担当者の操作により、保留しました。" "Held by an operator.";
    HoldUndeliverable "hold-undeliverable" Hold "配送できず、送信元にも通知できないため、保留しました。" "Held because it can neither be delivered nor reported to its sender.";

    // The gate.
    GateVerified "gate-verified" Note "関所がテキストのみであることを確かめました。" "The gate verified that the message is text alone.";

    // Refusals in the SMTP dialogue.
    RejectPeer "reject-peer" Reject "許可されていない接続元のため、拒否しました。" "Refused: the peer is not allowed to connect.";
    RejectRelay "reject-relay" Reject "取り扱わない宛先のため、拒否しました。" "Refused: the recipient's domain is not handled here.";
    RejectSize "reject-size" Reject "大きさの上限を超えたため、拒否しました。" "Refused: the message is larger than the limit.";
    RejectLineEnds "reject-line-ends" Reject "改行コードが不正なため、拒否しました。" "Refused: bare CR or LF in the data.";
    RejectLoop "reject-loop" Reject "配送の繰り返し（ループ）のため、拒否しました。" "Refused: the message is in a mail loop.";
    RejectRule "reject-rule" Reject "団体の規則により、拒否しました。" "Refused by a rule of the organisation.";
    RejectRecipients "reject-recipients" Reject "宛先の数が上限を超えたため、拒否しました。" "Refused: more recipients than the limit.";
    RejectBusy "reject-busy" Reject "混雑のため、一時的に拒否しました。" "Refused for now: too much is in progress.";
    RejectViolation "reject-violation" Reject "テキストのみの形式でないため、関所で拒否しました。" "The gate refused a message that is not text alone.";
    RejectStorage "reject-storage" Reject "保存領域が不足しているため、一時的に拒否しました。" "Refused for now: storage is short or failing.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Code {
    type Error = UnknownCode;
    fn try_from(text: String) -> Result<Self, UnknownCode> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        let mut seen = HashSet::new();
        for &code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert_eq!(code.as_str().parse(), Ok(code));
        }
    }

    #[test]
    fn holds_and_refusals_say_so_in_their_code() {
        for &code in Code::ALL {
            assert_eq!(code.as_str().starts_with("hold-"), code.effect() == Effect::Hold, "{code}");
            assert_eq!(
                code.as_str().starts_with("reject-"),
                code.effect() == Effect::Reject,
                "{code}"
            );
        }
    }

    #[test]
    fn sentences_are_sentences_in_the_field_s_words() {
        for &code in Code::ALL {
            assert!(code.japanese().ends_with('。'), "{code}");
            assert!(code.english().ends_with('.'), "{code}");
            for word in ["検疫", "リリース", "解放", "公開"] {
                assert!(!code.japanese().contains(word), "{code} says {word}");
            }
        }
    }
}
