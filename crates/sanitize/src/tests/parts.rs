//! What becomes of each kind of part.

use sekimori_policy::{Code, Outcome};

use super::{Town, codes, removed};

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b";

#[test]
fn plain_text_crosses_as_it_is_without_a_notice() {
    let result = Town::new().run_with(
        "Content-Type: text/plain; charset=utf-8",
        "お世話になっております。\n\n山北町\n",
    );
    assert_eq!(result.text, "お世話になっております。\n\n山北町\n");
    assert_eq!(result.outcome, Outcome::Deliver);
    assert!(result.removed.is_empty());
}

#[test]
fn an_attachment_is_removed_and_listed() {
    let result = Town::new().run_with(
        MIXED,
        "--b\nContent-Type: text/plain; charset=utf-8\n\n本文\n--b\nContent-Type: application/pdf\n\
         Content-Disposition: attachment; filename=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n\
         JVBERi0xLjcK\n--b--\n",
    );
    let part = &result.removed[0];
    assert_eq!((part.section.as_str(), part.name.as_str(), part.size), ("2", "a.pdf", 9));
    assert_eq!(
        (part.declared_type.as_str(), part.detected_type.as_str()),
        ("application/pdf", "application/pdf")
    );
    assert_eq!(part.reason, Code::AttachmentRemoved);
    assert!(
        result.text.contains("1. a.pdf（PDF、9バイト）理由：添付ファイルはすべて削除"),
        "{}",
        result.text
    );
    assert!(result.text.ends_with("本文\n"));
}

#[test]
fn text_that_calls_itself_a_file_is_an_attachment() {
    let result = Town::new().run_with(
        MIXED,
        "--b\nContent-Type: text/plain; name=a.txt\n\nNAMED\n--b\nContent-Type: text/html\n\
         Content-Disposition: attachment\n\nATTACHED\n--b\nContent-Type: text/csv\n\nTABLE\n--b--\n",
    );
    assert_eq!(removed(&result), ["a.txt", "添付2", "添付3"]);
    for hidden in ["NAMED", "ATTACHED", "TABLE"] {
        assert!(!result.text.contains(hidden));
    }
}

#[test]
fn a_program_labelled_as_text_is_removed() {
    let town = Town::new();
    for kind in ["text/plain", "text/html"] {
        let body = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAA=\n";
        let result = town
            .run_with(&format!("Content-Type: {kind}\nContent-Transfer-Encoding: base64"), body);
        assert_eq!(
            result.removed[0].detected_type,
            "application/vnd.microsoft.portable-executable"
        );
        assert!(!result.text.contains("MZ"));
    }
}

#[test]
fn of_two_forms_the_plain_one_is_shown_unless_it_says_less() {
    let town = Town::new();
    let forms = |plain: &str, html: &str| {
        town.run_with(
            "Content-Type: multipart/alternative; boundary=b",
            &format!("--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"),
        )
    };
    let result = forms("同じ本文です。", "<p>同じ本文です。</p>");
    assert!(result.text.ends_with("同じ本文です。\n"));
    assert_eq!(codes(&result.decisions), ["other-form-dropped", "structure-dropped"]);
    let article = "見出しと最初の一文だけがここにあります。\n".repeat(20);
    let whole = format!("<p>{article}</p><p>{}</p>", "続きの段落です。".repeat(40));
    let result = forms(&article, &whole);
    assert!(result.text.contains("続きの段落です。"), "{}", result.text);
    assert!(!result.decisions.contains(Code::FormsDiffer), "an abridgement is no contradiction");
    let other = "こちらの版では、振込先の口座を次のとおり変更しましたので、至急お振り込みくださいますようお願いいたします。期限は本日中です。";
    let same_length = "来月の説明会は、町民センターの大会議室において午後二時から開催いたします。資料は当日配布します。駐車場には限りがございますので、お車でのご来場はご遠慮ください。";
    let result = forms(same_length, &format!("<p>{other}</p>"));
    assert!(result.decisions.contains(Code::FormsDiffer));
    let (first, second) = (result.text.find("午後二時"), result.text.find("振込先"));
    assert!(first < second && first.is_some(), "both are shown: {}", result.text);
    assert!(result.text.contains("もう一つの本文"), "{}", result.text);
    let result = forms("HTMLでご覧ください。", &"<p>とても長い本文です。</p>".repeat(30));
    assert!(result.decisions.contains(Code::HtmlToText));
    assert!(result.decisions.contains(Code::FormsDiffer));
    let result = forms(
        "https://town.example.lg.jp/",
        "<a href=\"https://evil.example.net/\">https://town.example.lg.jp/</a>",
    );
    assert!(result.decisions.contains(Code::HtmlToText));
}

#[test]
fn files_beside_the_form_that_is_shown_are_listed_all_the_same() {
    let result = Town::new().run_with(
        "Content-Type: multipart/alternative; boundary=b",
        "--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: multipart/related; boundary=c\n\n\
         --c\nContent-Type: text/html\n\n<p>plain</p>\n--c\nContent-Type: image/png; name=a.png\n\n\
         x\n--c--\n--b--\n",
    );
    assert_eq!(removed(&result), ["a.png"]);
    assert!(result.text.ends_with("plain\n"), "{}", result.text);
}

#[test]
fn images_of_html_are_inline_parts() {
    let result = Town::new().run_with(
        "Content-Type: multipart/related; boundary=b; start=\"<r>\"",
        "--b\nContent-Type: image/png\nContent-ID: <i>\n\nx\n--b\nContent-Type: text/plain\n\
         Content-ID: <r>\n\nroot\n--b\nContent-Type: text/plain\n\nother\n--b--\n",
    );
    assert!(result.text.ends_with("\n\nroot\n"), "{}", result.text);
    assert!(result.removed.iter().all(|part| part.reason == Code::InlineRemoved));
    assert_eq!(result.removed.len(), 2);
}

#[test]
fn what_was_signed_is_shown_without_its_signature() {
    let result = Town::new().run_with(
        "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"",
        "--b\nContent-Type: text/plain\n\nsigned\n--b\nContent-Type: application/pgp-signature; name=signature.asc\n\n\
         -----BEGIN PGP SIGNATURE-----\n--b--\n",
    );
    assert!(result.text.ends_with("signed\n"));
    assert_eq!(result.removed[0].reason, Code::SignatureRemoved);
}

#[test]
fn what_is_encrypted_is_removed() {
    let result = Town::new().run_with(
        "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"",
        "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: text/plain\n\nSECRET\n--b--\n",
    );
    assert_eq!(result.removed.len(), 2);
    assert!(!result.text.contains("SECRET"));
    assert!(result.decisions.contains(Code::EncryptedRemoved));
}

#[test]
fn a_forwarded_message_is_text_with_its_own_head() {
    let result = Town::new().run_with(
        MIXED,
        "--b\nContent-Type: text/plain\n\nouter\n--b\nContent-Type: message/rfc822\n\n\
         From: \"Inner\" <i@example.jp>\nTo: t@example.jp\nDate: Mon, 21 Sep 2026 10:00:00 +0900\n\
         Subject: inner subject\nContent-Type: multipart/mixed; boundary=c\n\n\
         --c\nContent-Type: text/plain\n\ninner\n--c\nContent-Type: image/png; name=a.png\n\nx\n--c--\n--b--\n",
    );
    let expected = "outer\n\n―――――――――― 転送されたメール ――――――――――\n差出人：Inner <i@example.jp>\n\
        宛先　：t@example.jp\n日付　：令和8（2026）年9月21日（月）10:00\n件名　：inner subject\n\ninner\n\n\
        ―――――――――― 転送されたメールここまで ――――――――――\n";
    assert!(result.text.ends_with(expected), "{}", result.text);
    assert_eq!(result.removed[0].section, "2.2");
}

#[test]
fn a_delivery_report_is_laid_out_as_text() {
    let result = Town::new().run_with(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n\
         Action: failed\n--b\nContent-Type: text/rfc822-headers\n\nFrom: me@example.jp\nSubject: mine\nX-Secret: 1\n\n--b--\n",
    );
    for shown in ["Sorry.", "Action: failed", "件名　：mine"] {
        assert!(result.text.contains(shown), "{shown}");
    }
    assert!(!result.text.contains("X-Secret"));
    assert!(result.decisions.contains(Code::ReportAsText));
}

#[test]
fn an_invitation_is_laid_out_and_its_files_are_removed() {
    let result = Town::new().run_with(
        "Content-Type: text/calendar; charset=utf-8; name=invite.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:打合せ\nDTSTART:20260921T080000Z\n\
         ATTACH;ENCODING=BASE64:TVqQAAMAAAAEAAAA\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    assert!(result.text.contains("件名　：打合せ\n日時　：令和8（2026）年9月21日（月）17:00\n"));
    assert!(!result.text.contains("TVqQ"));
    assert_eq!(removed(&result), ["invite.ics"]);
}

#[test]
fn flowed_text_is_put_together() {
    let result = Town::new().run_with(
        "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes",
        "一つの \n段落です。\n",
    );
    assert_eq!(result.text, "一つの段落です。\n");
}

#[test]
fn what_readers_disagree_about_is_removed_and_held() {
    for header in [
        "Content-Type: text/plain\nContent-Type: application/octet-stream",
        "Content-Type: text/plain\nContent-Transfer-Encoding: x-unknown",
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64",
    ] {
        let result = Town::new().run_with(header, "--b\n\nAMBIGUOUS\n--b--\n");
        assert_eq!(result.outcome, Outcome::Hold, "{header}");
        assert!(!result.text.contains("AMBIGUOUS"), "{header}");
        assert!(result.text.contains("受付番号：7F3K-9Q2M"), "{header}");
        assert!(result.decisions.contains(Code::StructureAmbiguous), "{header}");
    }
}

#[test]
fn partial_and_external_messages_are_removed() {
    for kind in
        ["message/partial; id=a; number=1; total=2", "message/external-body; access-type=URL"]
    {
        let result =
            Town::new().run_with(&format!("Content-Type: {kind}"), "Subject: x\n\nINSIDE\n");
        assert!(!result.text.contains("INSIDE"));
        assert_eq!(result.removed.len(), 1);
    }
}

#[test]
fn what_markup_makes_of_nul_is_shown_as_geta_and_counted() {
    let result = Town::new().run_with(
        "Content-Type: text/html; charset=utf-8",
        "<p>山&#0;北</p><a href=\"https://a\0b.example/\">町</a>",
    );
    assert!(result.text.contains("山〓北") && !result.text.contains('\u{FFFD}'), "{}", result.text);
    assert!(result.decisions.contains(Code::CharactersReplaced));
}
