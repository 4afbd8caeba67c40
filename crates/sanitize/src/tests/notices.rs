//! What people are told.

use sekimori_policy::{
    Code, Decisions, Language, LinkMode, LinkPlacement, Mode, NoticePosition, Outcome,
};
use sekimori_profile::verify::verify;

use super::{Town, codes};
use crate::{Summary, held, hold_notice};

const WITH_FILE: &str = "--b\nContent-Type: text/plain; charset=utf-8\n\n本文\n--b\n\
    Content-Type: application/octet-stream; name=\"見積書.xlsm\"\n\nx\n--b--\n";
const MIXED: &str = "Content-Type: multipart/mixed; boundary=b";

#[test]
fn the_notice_says_what_was_done_and_how_to_get_the_original() {
    let result = Town::new().run_with(MIXED, WITH_FILE);
    assert_eq!(
        result.text,
        "【無害化のお知らせ】このメールは無害化されています。\n受付番号：7F3K-9Q2M\n\
         処理　　：添付ファイル1件を削除\n  1. 見積書.xlsm（テキスト、1バイト）理由：添付ファイルはすべて削除\n\
         注意　　：添付ファイルの実際の種類が、名前や申告と異なります。\n\
         原本の保管期限：令和8（2026）年10月21日（水）17:00\n\
         原本が必要なとき：受付番号を控え、「取り出し申請」から申請してください。\n\
         ――――――――――――――――――――\n\n本文\n"
    );
}

#[test]
fn the_notice_is_in_the_organisation_s_language_and_place() {
    let mut town = Town::new();
    town.organisation.language = Language::English;
    town.organisation.notice = NoticePosition::Bottom;
    let result = town.run_with(MIXED, WITH_FILE);
    assert!(result.text.starts_with("本文\n\n――"), "{}", result.text);
    for said in
        ["Reference: 7F3K-9Q2M", "attachments removed: 1", "1 bytes", "Wed 21 Oct 2026, 17:00"]
    {
        assert!(result.text.contains(said), "{}", result.text);
    }
}

#[test]
fn an_unchanged_mail_gets_a_notice_where_the_organisation_wants_it() {
    let mut town = Town::new();
    town.organisation.notice_always = true;
    let raw = b"From: a@example.jp\r\n\r\ntext\r\n";
    let result = crate::sanitize(raw, &town.context());
    assert!(result.text.contains("7F3K-9Q2M") && result.text.ends_with("\n\ntext\n"));
}

#[test]
fn removed_parts_over_the_limit_are_counted() {
    let mut town = Town::new();
    town.limits.listed_parts = 2;
    let part = "--b\nContent-Type: image/png; name=a.png\n\nx\n";
    let result = town.run_with(MIXED, &format!("{}--b--\n", part.repeat(5)));
    assert!(result.text.contains("  2. a.png") && !result.text.contains("  3. "));
    assert!(result.text.contains("ほか3件"), "{}", result.text);
    assert_eq!(result.removed.len(), 5);
}

#[test]
fn an_organisation_may_review_every_message() {
    let mut town = Town::new();
    town.organisation.mode = Mode::Review;
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!(result.outcome, Outcome::Hold);
    assert_eq!(codes(&result.decisions), ["hold-review"]);
    assert_eq!(result.text, "text\n", "what crosses on approval has no notice");
}

#[test]
fn a_held_message_has_a_text_for_its_recipients() {
    let town = Town::new();
    let mut decisions = Decisions::new();
    decisions.add(Code::HoldDepth);
    let summary = Summary {
        from: "差出人 <a@example.jp>".to_owned(),
        subject: "件名です".to_owned(),
        ..Summary::default()
    };
    let notice = verify(&hold_notice(&town.context(), &decisions, &summary), 1 << 20).unwrap();
    assert_eq!(notice.subject.as_deref(), Some("【保留】件名です"));
    for said in [
        "7F3K-9Q2M",
        Code::HoldDepth.japanese(),
        "令和8（2026）年10月21日（水）17:00",
        "差出人 <a@example.jp>",
    ] {
        assert!(notice.text.contains(said), "{}", notice.text);
    }
}

#[test]
fn what_could_not_be_read_at_all_is_held_with_its_code() {
    let town = Town::new();
    let result = held(&town.context(), 10, Code::HoldError, None);
    assert_eq!(result.outcome, Outcome::Hold);
    assert!(result.text.contains("受付番号：7F3K-9Q2M"), "{}", result.text);
    assert!(verify(&result.message, town.limits.text_octets).is_ok());
    let mut town = Town::new();
    town.envelope.sender = sekimori_policy::ReversePath::NULL;
    let context = crate::Context { host: "no host", protocol: "?", ..town.context() };
    let result = held(
        &context,
        10,
        Code::HoldError,
        Some(Summary { subject: "a\r\nb".to_owned(), ..Summary::default() }),
    );
    let verified = verify(&result.message, town.limits.text_octets).unwrap();
    assert_eq!(
        (verified.from.as_str(), verified.subject.as_deref()),
        ("postmaster@localhost", Some("a b"))
    );
}

#[test]
fn bare_urls_are_written_as_the_organisation_wants_links() {
    let text = "https://a.example.jp/x を見て\n";
    for (links, shown) in [
        (LinkMode::Text, text),
        (LinkMode::Defanged, "hxxps://a[.]example[.]jp/x を見て\n"),
        (LinkMode::Removed, "〔リンクを削除〕 を見て\n"),
    ] {
        let mut town = Town::new();
        town.organisation.links = links;
        let result = town.run_with("Content-Type: text/plain; charset=utf-8", text);
        assert!(result.text.ends_with(shown), "{}", result.text);
        let count = u64::from(links != LinkMode::Text);
        assert_eq!(result.decisions.count(Code::LinkNeutralised), count);
        assert_eq!(result.text.contains("リンク1件を無効化"), count == 1);
    }
}

#[test]
fn targets_of_html_are_listed_under_its_text_where_the_organisation_wants_them_numbered() {
    let mut town = Town::new();
    town.organisation.link_placement = LinkPlacement::Numbered;
    let html = "<p>詳細は<a href='https://a.example.jp/x'>こちら</a></p>";
    let result = town.run_with("Content-Type: text/html; charset=utf-8", html);
    let shown = "詳細はこちら [1]\n\n〔リンク先〕\n[1] https://a.example.jp/x\n";
    assert!(result.text.ends_with(shown), "{}", result.text);
}

#[test]
fn the_notice_of_a_held_mail_says_what_went_and_why_it_was_held() {
    let result = Town::new().run_with("Content-Type: multipart/mixed", "--b\n\nx\n--b--\n");
    for said in ["処理　　：読み取れない部分1件を削除\n", Code::HoldStructure.japanese()]
    {
        assert!(result.text.contains(said), "{}", result.text);
    }
}

#[test]
fn what_is_wrapped_in_a_signature_is_not_called_encrypted() {
    let result = Town::new().run_with(
        "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\
         Content-Transfer-Encoding: base64",
        "MIIH9QYJKoZIhvcNAQcCoIIH5g==\n",
    );
    assert_eq!(result.removed[0].reason, Code::SignedRemoved);
    assert!(result.text.contains("電子署名で包まれた部分1件を削除"), "{}", result.text);
    assert!(!result.text.contains("暗号化"), "{}", result.text);
}
